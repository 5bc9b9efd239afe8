;; Indirect calls: the three checks (bounds, null, type) and the two vmctx that may be in play.
;; run: call(0, 5) = 6
;; run: call(1, 5) = 10
;; run: call(2, 5) traps uninitialized-element
;; run: call(3, 5) traps indirect-call-type-mismatch
;; run: call(5, 5) traps undefined-element
;; run: call(-1, 5) traps undefined-element
;; run: call(4, 5) = 5
;; run: constant_index(7) = 14
;; run: apply_twice(1, 3) = 12
(module
  (type $unary (func (param i32) (result i32)))
  (import "host" "identity" (func $host (type $unary)))
  (table 5 funcref)
  (elem (i32.const 0) $increment $double)
  (elem (i32.const 3) $nothing $host)
  (func $increment (type $unary) (i32.add (local.get 0) (i32.const 1)))
  (func $double (type $unary) (i32.shl (local.get 0) (i32.const 1)))
  (func $nothing)
  (func (export "call") (param i32 i32) (result i32)
    (call_indirect (type $unary) (local.get 1) (local.get 0)))
  (func (export "constant_index") (param i32) (result i32)
    (call_indirect (type $unary) (local.get 0) (i32.const 1)))
  (func (export "apply_twice") (param $f i32) (param $x i32) (result i32)
    (call_indirect (type $unary)
      (call_indirect (type $unary) (local.get $x) (local.get $f))
      (local.get $f))))

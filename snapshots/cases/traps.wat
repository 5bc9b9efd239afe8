;; One trap of every kind that code itself raises, each far from the entry so that the address map and
;; the trap table are not at their first entry; after a trap the instance goes on.
;; run: unreachable(1) traps unreachable
;; run: unreachable(0) = 8
;; run: memory(0) = 0
;; run: memory(65536) traps memory-out-of-bounds
;; run: table(0) = 1
;; run: table(1) traps table-out-of-bounds
;; run: undefined_element(1) traps undefined-element
;; run: undefined_element(0) traps uninitialized-element
;; run: divide(1) traps integer-divide-by-zero
;; run: divide(0x80000001) traps integer-overflow
;; run: divide(11) = 1
;; run: convert(nan) traps invalid-conversion-to-integer
;; run: convert(1e10) traps integer-overflow
;; run: convert(1) = 2
;; run: deep(0) traps call-stack-exhausted
;; run: in_callee(0) traps integer-divide-by-zero
;; run: in_callee(5) = 40
(module
  (memory 1)
  (table 1 funcref)
  (func (export "unreachable") (param i32) (result i32)
    (if (local.get 0) (then (unreachable)))
    (i32.const 8))
  (func (export "memory") (param i32) (result i32)
    (i32.add (i32.load (i32.const 8)) (i32.load (local.get 0))))
  (func (export "table") (param i32) (result i32) (ref.is_null (table.get 0 (local.get 0))))
  (func (export "undefined_element") (param i32) (call_indirect (local.get 0)))
  (func $divide (export "divide") (param i32) (result i32)
    (i32.div_s
      (i32.sub (local.get 0) (i32.const 1))
      (select (i32.const -1) (i32.sub (local.get 0) (i32.const 1))
        (i32.eq (local.get 0) (i32.const 0x80000001)))))
  (func (export "convert") (param f64) (result i32)
    (i32.trunc_f64_s (f64.mul (local.get 0) (f64.const 2))))
  (func $deep (export "deep") (param i64) (result i64)
    (i64.add (call $deep (i64.add (local.get 0) (i64.const 1))) (local.get 0)))
  (func $checked (param i32) (result i32) (i32.div_u (i32.const 200) (local.get 0)))
  (func (export "in_callee") (param i32) (result i32) (call $checked (local.get 0))))

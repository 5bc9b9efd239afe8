;; The same kinds of code without optimisation: what `-O 0` emits, of which only the allocator and the
;; selection of instructions know how to make less.
;; optimize: 0
;; run: sum(10) = 55
;; run: folded() = 7
;; run: load_twice(0) = 6
;; run: invariant(3, 4) = 36
;; run: branch(5) = 1
;; run: branch(-5) = 2
;; run: divide(7, 2) = 3
;; run: divide(7, 0) traps integer-divide-by-zero
;; run: call(20) = 41
;; run: switch(1) = 20
;; run: global() = 1
;; run: global() = 2
;; run: truncate(2.9) = 2
;; run: truncate(nan) traps invalid-conversion-to-integer
;; run: indirect(0) = 6
;; run: indirect(9) traps undefined-element
(module
  (memory 1)
  (data (i32.const 0) "\03")
  (table funcref (elem $call))
  (global $g (mut i32) (i32.const 0))
  (func (export "sum") (param $n i32) (result i32) (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (local.get $n)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum))
  (func (export "folded") (result i32)
    (i32.add (i32.mul (i32.const 2) (i32.const 3)) (i32.const 1)))
  (func (export "load_twice") (param i32) (result i32)
    (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))
  (func (export "invariant") (param $a i32) (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.mul (local.get $a) (local.get $a))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "branch") (param i32) (result i32)
    (if (result i32) (i32.gt_s (local.get 0) (i32.const 0))
      (then (i32.const 1)) (else (i32.const 2))))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $call (export "call") (param i32) (result i32)
    (i32.add (call $double (local.get 0)) (i32.const 1)))
  (func $double (param i32) (result i32) (i32.shl (local.get 0) (i32.const 1)))
  (func (export "switch") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
        (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30))
  (func (export "global") (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (global.get $g))
  (func (export "truncate") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "indirect") (param i32) (result i32)
    (i32.sub (call_indirect (param i32) (result i32) (i32.const 4) (local.get 0)) (i32.const 3))))

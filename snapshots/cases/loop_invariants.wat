;; What does not change in a loop is computed before it: arithmetic, loads of the vmctx, constants that
;; need a register, and conversions; what may trap or change stays.
;; run: arithmetic(3, 4, 5) = 57
;; run: memory_base(0, 4) = 10
;; run: float_constant(3) = 3.5
;; run: zero_turns(0, 9) = 0
;; run: stays(0, 1) traps integer-divide-by-zero
;; run: stays(0, 0) = 0
;; run: stored(0, 3) = 3
;; run: global(3) = 12
(module
  (memory 1)
  (data (i32.const 0) "\01\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00")
  (global $g (mut i32) (i32.const 4))
  (func (export "arithmetic") (param $a i32) (param $b i32) (param $n i32) (result i32)
    (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.sub
        (i32.mul (local.get $a) (local.get $b)) (i32.and (local.get $n) (local.get $a)))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.add (local.get $sum) (i32.const 4)))
  (func (export "memory_base") (param $at i32) (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 4)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "float_constant") (param $n i32) (result f64) (local $x f64)
    (loop $next
      (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 0.5)) (f64.const 2)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $x))
  ;; A loop that tests before its first turn: the test is moved to the end.
  (func (export "zero_turns") (param $n i32) (param $x i32) (result i32) (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (i32.rotl (local.get $x) (i32.const 5))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum))
  ;; A division by zero that the loop does not reach must not happen.
  (func (export "stays") (param $d i32) (param $n i32) (result i32) (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (i32.div_u (i32.const 100) (local.get $d))))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $sum))
  ;; What is stored in the loop is loaded again.
  (func (export "stored") (param $at i32) (param $n i32) (result i32)
    (i32.store (local.get $at) (i32.const 0))
    (loop $next
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.load (local.get $at)))
  (func (export "global") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (global.get $g)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))

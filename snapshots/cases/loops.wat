;; Loops: values carried around, a value that does not change, nesting, and an early exit.
;; x64 sum: <= 6 insns, no jmp
;; show: ir
;; cpu-features: riscv64 -c
;; riscv64-c: no c.*
;; run: sum(10) = 55
;; run: factorial(20) = 2432902008176640000
;; run: gcd(1071, 462) = 21
;; run: nested(5, 7) = 35
;; run: collatz(27) = 111
;; run: fibonacci(10) = 55
;; run: tee(3) = 6
(module
  (func (export "sum") (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func (export "factorial") (param $n i64) (result i64) (local $product i64)
    (local.set $product (i64.const 1))
    (block $done
      (loop $next
        (br_if $done (i64.le_u (local.get $n) (i64.const 1)))
        (local.set $product (i64.mul (local.get $product) (local.get $n)))
        (local.set $n (i64.sub (local.get $n) (i64.const 1)))
        (br $next)))
    (local.get $product))
  (func (export "gcd") (param $a i32) (param $b i32) (result i32) (local $rest i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $b)))
        (local.set $rest (i32.rem_u (local.get $a) (local.get $b)))
        (local.set $a (local.get $b))
        (local.set $b (local.get $rest))
        (br $next)))
    (local.get $a))
  (func (export "nested") (param $n i32) (param $m i32) (result i32)
    (local $i i32) (local $j i32) (local $count i32)
    (loop $outer
      (local.set $j (i32.const 0))
      (loop $inner
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br_if $inner (i32.lt_u (local.get $j) (local.get $m))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $outer (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $count))
  (func (export "collatz") (param $n i32) (result i32) (local $steps i32)
    (loop $next
      (if (i32.eq (local.get $n) (i32.const 1)) (then (return (local.get $steps))))
      (local.set $steps (i32.add (local.get $steps) (i32.const 1)))
      (if (i32.and (local.get $n) (i32.const 1))
        (then (local.set $n (i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1))))
        (else (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))))
      (br $next))
    (unreachable))
  ;; The two carried values change places each time: a cycle of moves.
  (func (export "fibonacci") (param $n i32) (result i32) (local $a i32) (local $b i32) (local $t i32)
    (local.set $b (i32.const 1))
    (loop $next
      (local.set $t (i32.add (local.get $a) (local.get $b)))
      (local.set $a (local.get $b))
      (local.set $b (local.get $t))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $a))
  (func (export "tee") (param $n i32) (result i32) (local $copy i32)
    (i32.add (local.tee $copy (local.get $n)) (local.get $copy))))

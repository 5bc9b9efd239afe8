;; Direct calls: leaf, recursive, mutually recursive, in tail position, with values alive across them,
;; and a recursion without end.
;; run: fib(10) = 55
;; run: is_even(7) = 0
;; run: tail(3, 4) = 12
;; run: across(2, 3) = 38
;; run: float_across(2) = 6
;; run: nested(5) = 8
;; run: forever(0) traps call-stack-exhausted
;; run: fib(11) = 89
(module
  (func $square (param i32) (result i32) (i32.mul (local.get 0) (local.get 0)))
  (func $fib (export "fib") (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fib (i32.sub (local.get 0) (i32.const 1)))
        (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
  (func $is_even (export "is_even") (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $is_odd (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 1))))
  (func $is_odd (param i32) (result i32)
    (if (result i32) (local.get 0)
      (then (call $is_even (i32.sub (local.get 0) (i32.const 1))))
      (else (i32.const 0))))
  (func $product (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))
  (func (export "tail") (param i32 i32) (result i32)
    (return (call $product (local.get 0) (local.get 1))))
  (func (export "across") (param $a i32) (param $b i32) (result i32)
    (i32.add
      (i32.mul (call $square (local.get $a)) (i32.add (local.get $a) (local.get $b)))
      (i32.mul (call $square (local.get $b)) (local.get $a))))
  (func $half (param f64) (result f64) (f64.mul (local.get 0) (f64.const 0.5)))
  (func (export "float_across") (param f64) (result f64)
    (f64.add
      (f64.mul (call $half (local.get 0)) (local.get 0))
      (f64.mul (call $half (local.get 0)) (f64.const 4))))
  (func $increment (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "nested") (param i32) (result i32)
    (call $increment (call $increment (call $increment (local.get 0)))))
  (func $forever (export "forever") (param i32) (result i32)
    (i32.add (call $forever (i32.add (local.get 0) (i32.const 1))) (i32.const 1))))

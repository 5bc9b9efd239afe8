;; A comparison whose only user is a branch, an if or a select needs no value of its own; bit tests
;; and comparisons with zero have shorter forms still.
;; run: signum(5) = 1
;; run: signum(-5) = -1
;; run: signum(0) = 0
;; run: max_u(-1, 1) = -1
;; run: is_odd(7) = 1
;; run: is_odd(8) = 0
;; run: bit_63(-1) = 10
;; run: bit_63(1) = 20
;; run: float_less(1, 2) = 1
;; run: float_less(2, 1) = 0
;; run: float_less(nan, 1) = 0
;; run: float_not_less(nan, 1) = 1
;; run: float_equal(nan, nan) = 0
;; run: float_equal(0, -0) = 1
;; run: both(1, 2, 3, 4) = 1
;; run: both(1, 2, 4, 3) = 0
;; run: twice(1, 2) = 11
;; run: twice(2, 1) = 0
(module
  (func (export "signum") (param i32) (result i32)
    (if (i32.lt_s (local.get 0) (i32.const 0)) (then (return (i32.const -1))))
    (if (i32.eqz (local.get 0)) (then (return (i32.const 0))))
    (i32.const 1))
  (func (export "max_u") (param i32 i32) (result i32)
    (block (br_if 0 (i32.ge_u (local.get 0) (local.get 1))) (return (local.get 1)))
    (local.get 0))
  (func (export "is_odd") (param i32) (result i32)
    (if (result i32) (i32.and (local.get 0) (i32.const 1))
      (then (i32.const 1)) (else (i32.const 0))))
  (func (export "bit_63") (param i64) (result i32)
    (if (i64.ne (i64.and (local.get 0) (i64.const 0x8000000000000000)) (i64.const 0))
      (then (return (i32.const 10))))
    (i32.const 20))
  (func (export "float_less") (param f64 f64) (result i32)
    (block (br_if 0 (f64.lt (local.get 0) (local.get 1))) (return (i32.const 0)))
    (i32.const 1))
  (func (export "float_not_less") (param f64 f64) (result i32)
    (block (br_if 0 (i32.eqz (f64.lt (local.get 0) (local.get 1)))) (return (i32.const 0)))
    (i32.const 1))
  (func (export "float_equal") (param f64 f64) (result i32)
    (block (br_if 0 (f64.eq (local.get 0) (local.get 1))) (return (i32.const 0)))
    (i32.const 1))
  (func (export "both") (param i32 i32 i32 i32) (result i32)
    (if (i32.and
          (i32.lt_s (local.get 0) (local.get 1))
          (i32.lt_s (local.get 2) (local.get 3)))
      (then (return (i32.const 1))))
    (i32.const 0))
  ;; The comparison is used twice.
  (func (export "twice") (param i32 i32) (result i32) (local i32)
    (local.set 2 (i32.lt_s (local.get 0) (local.get 1)))
    (if (local.get 2) (then (return (i32.add (local.get 2) (i32.const 10)))))
    (local.get 2)))

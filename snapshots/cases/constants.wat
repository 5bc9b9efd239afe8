;; Constants of every type and size, as results and where an operand must be in a register.
;; run: i32() = -2147483648
;; run: zero() = 0
;; run: i64_small() = -1
;; run: i64_unsigned() = 0xffffffff
;; run: i64_wide() = 0x123456789abcdef0
;; run: f32() = 1.5
;; run: f32_zero() = 0
;; run: f32_minus_zero() = -0
;; run: f64() = 3.141592653589793
;; run: f64_zero() = 0
;; run: f64_minus_zero() = -0
;; run: f64_inf() = -inf
;; run: shared(2) = 9.42477796076938
(module
  (func (export "i32") (result i32) (i32.const 0x80000000))
  (func (export "zero") (result i32) (i32.const 0))
  (func (export "i64_small") (result i64) (i64.const -1))
  (func (export "i64_unsigned") (result i64) (i64.const 0xffffffff))
  (func (export "i64_wide") (result i64) (i64.const 0x123456789abcdef0))
  (func (export "f32") (result f32) (f32.const 1.5))
  (func (export "f32_zero") (result f32) (f32.const 0))
  (func (export "f32_minus_zero") (result f32) (f32.const -0))
  (func (export "f64") (result f64) (f64.const 3.141592653589793))
  (func (export "f64_zero") (result f64) (f64.const 0))
  (func (export "f64_minus_zero") (result f64) (f64.const -0))
  (func (export "f64_inf") (result f64) (f64.const -inf))
  ;; One pooled constant, used twice.
  (func (export "shared") (param f64) (result f64)
    (f64.add
      (f64.mul (local.get 0) (f64.const 3.141592653589793))
      (f64.const 3.141592653589793))))

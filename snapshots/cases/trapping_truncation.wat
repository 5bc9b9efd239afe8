;; Truncation of floats to integers traps on NaN and on what is out of range.
;; run: i32_f32_s(-0.75) = 0
;; run: i32_f32_s(-3.75) = -3
;; run: i32_f32_s(-2147483648) = -2147483648
;; run: i32_f32_s(nan) traps invalid-conversion-to-integer
;; run: i32_f32_s(2147483648) traps integer-overflow
;; run: i32_f32_s(-inf) traps integer-overflow
;; run: i32_f32_u(-0.75) = 0
;; run: i32_f32_u(3.75) = 3
;; run: i32_f32_u(2147483648) = 2147483648
;; run: i32_f32_u(nan) traps invalid-conversion-to-integer
;; run: i32_f32_u(4294967296) traps integer-overflow
;; run: i32_f32_u(-1) traps integer-overflow
;; run: i32_f64_s(-0.75) = 0
;; run: i32_f64_s(-3.75) = -3
;; run: i32_f64_s(-2147483648) = -2147483648
;; run: i32_f64_s(nan) traps invalid-conversion-to-integer
;; run: i32_f64_s(2147483648) traps integer-overflow
;; run: i32_f64_s(-inf) traps integer-overflow
;; run: i32_f64_u(-0.75) = 0
;; run: i32_f64_u(3.75) = 3
;; run: i32_f64_u(2147483648) = 2147483648
;; run: i32_f64_u(nan) traps invalid-conversion-to-integer
;; run: i32_f64_u(4294967296) traps integer-overflow
;; run: i32_f64_u(-1) traps integer-overflow
;; run: i64_f32_s(-0.75) = 0
;; run: i64_f32_s(-3.75) = -3
;; run: i64_f32_s(-9223372036854775808) = -9223372036854775808
;; run: i64_f32_s(nan) traps invalid-conversion-to-integer
;; run: i64_f32_s(9223372036854775808) traps integer-overflow
;; run: i64_f32_s(-inf) traps integer-overflow
;; run: i64_f32_u(-0.75) = 0
;; run: i64_f32_u(3.75) = 3
;; run: i64_f32_u(9223372036854775808) = 9223372036854775808
;; run: i64_f32_u(nan) traps invalid-conversion-to-integer
;; run: i64_f32_u(18446744073709551616) traps integer-overflow
;; run: i64_f32_u(-1) traps integer-overflow
;; run: i64_f64_s(-0.75) = 0
;; run: i64_f64_s(-3.75) = -3
;; run: i64_f64_s(-9223372036854775808) = -9223372036854775808
;; run: i64_f64_s(nan) traps invalid-conversion-to-integer
;; run: i64_f64_s(9223372036854775808) traps integer-overflow
;; run: i64_f64_s(-inf) traps integer-overflow
;; run: i64_f64_u(-0.75) = 0
;; run: i64_f64_u(3.75) = 3
;; run: i64_f64_u(9223372036854775808) = 9223372036854775808
;; run: i64_f64_u(nan) traps invalid-conversion-to-integer
;; run: i64_f64_u(18446744073709551616) traps integer-overflow
;; run: i64_f64_u(-1) traps integer-overflow
(module
  (func (export "i32_f32_s") (param f32) (result i32) (i32.trunc_f32_s (local.get 0)))
  (func (export "i32_f32_u") (param f32) (result i32) (i32.trunc_f32_u (local.get 0)))
  (func (export "i32_f64_s") (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func (export "i32_f64_u") (param f64) (result i32) (i32.trunc_f64_u (local.get 0)))
  (func (export "i64_f32_s") (param f32) (result i64) (i64.trunc_f32_s (local.get 0)))
  (func (export "i64_f32_u") (param f32) (result i64) (i64.trunc_f32_u (local.get 0)))
  (func (export "i64_f64_s") (param f64) (result i64) (i64.trunc_f64_s (local.get 0)))
  (func (export "i64_f64_u") (param f64) (result i64) (i64.trunc_f64_u (local.get 0))))

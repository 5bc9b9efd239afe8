;; Division and remainder by constants need neither a check nor, mostly, a division.
;; aarch64: no sdiv, <= 1 udiv, no call
;; x64: 1 div, no idiv, no call
;; run: div_s_8(-9) = -1
;; run: rem_s_8(-9) = -1
;; run: div_u_8(-1) = 0x1fffffff
;; run: rem_u_8(-1) = 7
;; run: div_s_10(-2147483648) = -214748364
;; run: rem_s_10(-2147483648) = -8
;; run: div_u_10(-1) = 429496729
;; run: rem_u_10(-1) = 5
;; run: div_u_7(-1) = 613566756
;; run: div_s_m1(5) = -5
;; run: div_s_m1(-2147483648) traps integer-overflow
;; run: rem_s_m1(-2147483648) = 0
;; run: div_by_zero(1) traps integer-divide-by-zero
;; run: div_s64_1000(-1234567890123456789) = -1234567890123456
;; run: div_u64_1000(-1) = 18446744073709551
;; run: rem_u64_1000(-1) = 615
(module
  (func (export "div_s_8") (param i32) (result i32) (i32.div_s (local.get 0) (i32.const 8)))
  (func (export "rem_s_8") (param i32) (result i32) (i32.rem_s (local.get 0) (i32.const 8)))
  (func (export "div_u_8") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 8)))
  (func (export "rem_u_8") (param i32) (result i32) (i32.rem_u (local.get 0) (i32.const 8)))
  (func (export "div_s_10") (param i32) (result i32) (i32.div_s (local.get 0) (i32.const 10)))
  (func (export "rem_s_10") (param i32) (result i32) (i32.rem_s (local.get 0) (i32.const 10)))
  (func (export "div_u_10") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 10)))
  (func (export "rem_u_10") (param i32) (result i32) (i32.rem_u (local.get 0) (i32.const 10)))
  (func (export "div_u_7") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 7)))
  (func (export "div_s_m1") (param i32) (result i32) (i32.div_s (local.get 0) (i32.const -1)))
  (func (export "rem_s_m1") (param i32) (result i32) (i32.rem_s (local.get 0) (i32.const -1)))
  (func (export "div_by_zero") (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 0)))
  (func (export "div_s64_1000") (param i64) (result i64) (i64.div_s (local.get 0) (i64.const 1000)))
  (func (export "div_u64_1000") (param i64) (result i64) (i64.div_u (local.get 0) (i64.const 1000)))
  (func (export "rem_u64_1000") (param i64) (result i64) (i64.rem_u (local.get 0) (i64.const 1000))))

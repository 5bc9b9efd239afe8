;; Division and remainder of 64 bits by constants: powers of two, others, negative and large ones.
;; all eighth: no traps
;; aarch64 tenth: no udiv
;; x64 tenth: no div
;; run: eighth(100) = 12
;; run: signed_eighth(-100) = -12
;; run: tenth(18446744073709551615) = 1844674407370955161
;; run: signed_tenth(-9223372036854775808) = -922337203685477580
;; run: seventh(18446744073709551615) = 2635249153387078802
;; run: rest_of_ten(12345678901234567890) = 0
;; run: signed_rest(-7) = -1
;; run: rest_of_sixteen(-1) = 15
;; run: signed_rest_of_sixteen(-17) = -1
;; run: by_minus_three(10) = -3
;; run: by_large(18446744073709551615) = 1
;; run: by_one(5) = 5
;; run: by_minus_one(5) = -5
(module
  (func (export "eighth") (param i64) (result i64) (i64.div_u (local.get 0) (i64.const 8)))
  (func (export "signed_eighth") (param i64) (result i64) (i64.div_s (local.get 0) (i64.const 8)))
  (func (export "tenth") (param i64) (result i64) (i64.div_u (local.get 0) (i64.const 10)))
  (func (export "signed_tenth") (param i64) (result i64) (i64.div_s (local.get 0) (i64.const 10)))
  (func (export "seventh") (param i64) (result i64) (i64.div_u (local.get 0) (i64.const 7)))
  (func (export "rest_of_ten") (param i64) (result i64) (i64.rem_u (local.get 0) (i64.const 10)))
  (func (export "signed_rest") (param i64) (result i64) (i64.rem_s (local.get 0) (i64.const 3)))
  (func (export "rest_of_sixteen") (param i64) (result i64)
    (i64.rem_u (local.get 0) (i64.const 16)))
  (func (export "signed_rest_of_sixteen") (param i64) (result i64)
    (i64.rem_s (local.get 0) (i64.const 16)))
  (func (export "by_minus_three") (param i64) (result i64)
    (i64.div_s (local.get 0) (i64.const -3)))
  (func (export "by_large") (param i64) (result i64)
    (i64.div_u (local.get 0) (i64.const 0x8000000000000001)))
  (func (export "by_one") (param i64) (result i64) (i64.div_s (local.get 0) (i64.const 1)))
  (func (export "by_minus_one") (param i64) (result i64)
    (i64.div_s (local.get 0) (i64.const -1))))

;; Conversions that cannot fail: between integers, from integers to floats, and between floats.
;; run: wrap(0x1ffffffff) = -1
;; run: extend_s(-1) = -1
;; run: extend_u(-1) = 0xffffffff
;; run: f32_from_i32_s(-3) = -3
;; run: f32_from_i32_u(-1) = 4294967296
;; run: f32_from_i64_s(-3) = -3
;; run: f32_from_i64_u(-1) = 18446744073709551616
;; run: f32_from_i64_u(0x8000008000000001) = 9223373136366403584
;; run: f64_from_i32_s(-3) = -3
;; run: f64_from_i32_u(-1) = 4294967295
;; run: f64_from_i64_s(-3) = -3
;; run: f64_from_i64_u(-1) = 18446744073709551616
;; run: f64_from_i64_u(0x8000000000000401) = 9223372036854777856
;; run: demote(0.1) = 0.10000000149011612
;; run: demote(1e300) = inf
;; run: promote(0.5) = 0.5
(module
  (func (export "wrap") (param i64) (result i32) (i32.wrap_i64 (local.get 0)))
  (func (export "extend_s") (param i32) (result i64) (i64.extend_i32_s (local.get 0)))
  (func (export "extend_u") (param i32) (result i64) (i64.extend_i32_u (local.get 0)))
  (func (export "f32_from_i32_s") (param i32) (result f32) (f32.convert_i32_s (local.get 0)))
  (func (export "f32_from_i32_u") (param i32) (result f32) (f32.convert_i32_u (local.get 0)))
  (func (export "f32_from_i64_s") (param i64) (result f32) (f32.convert_i64_s (local.get 0)))
  (func (export "f32_from_i64_u") (param i64) (result f32) (f32.convert_i64_u (local.get 0)))
  (func (export "f64_from_i32_s") (param i32) (result f64) (f64.convert_i32_s (local.get 0)))
  (func (export "f64_from_i32_u") (param i32) (result f64) (f64.convert_i32_u (local.get 0)))
  (func (export "f64_from_i64_s") (param i64) (result f64) (f64.convert_i64_s (local.get 0)))
  (func (export "f64_from_i64_u") (param i64) (result f64) (f64.convert_i64_u (local.get 0)))
  (func (export "demote") (param f64) (result f32) (f32.demote_f64 (local.get 0)))
  (func (export "promote") (param f32) (result f64) (f64.promote_f32 (local.get 0))))

;; Bits that move between the register classes, and a NaN whose payload must survive.
;; run: i32_from_f32(1) = 0x3f800000
;; run: f32_from_i32(0x40490fdb) = 3.1415927410125732
;; run: i64_from_f64(-0) = 0x8000000000000000
;; run: f64_from_i64(0x3ff8000000000000) = 1.5
;; run: signalling32() = 0x7fa00001
;; run: signalling64() = 0x7ff4000000000001
(module
  (func (export "i32_from_f32") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
  (func (export "f32_from_i32") (param i32) (result f32) (f32.reinterpret_i32 (local.get 0)))
  (func (export "i64_from_f64") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
  (func (export "f64_from_i64") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
  (func (export "signalling32") (result i32) (i32.reinterpret_f32 (f32.const nan:0x200001)))
  (func (export "signalling64") (result i64)
    (i64.reinterpret_f64 (f64.const nan:0x4000000000001))))

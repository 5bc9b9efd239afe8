;; select of every type, untyped and typed, on a value and on a comparison.
;; all: no spills
;; cpu-features: riscv64 +zicond
;; riscv64+zicond i32: 1 czero.eqz, 1 czero.nez, no beq, no bne
;; run: i32(1, 2, 1) = 1
;; run: i32(1, 2, 0) = 2
;; run: i64(1, 2, 7) = 1
;; run: f32(1.5, 2.5, 0) = 2.5
;; run: f64(1.5, nan, 0) = nan
;; run: minimum(-3, 5) = -3
;; run: by_float(1, 2, 3, 4) = 3
;; run: by_float(1, nan, 3, 4) = 4
;; run: reference(null, 1) = null
(module
  (func (export "i32") (param i32 i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (local.get 2)))
  (func (export "i64") (param i64 i64 i32) (result i64)
    (select (local.get 0) (local.get 1) (local.get 2)))
  (func (export "f32") (param f32 f32 i32) (result f32)
    (select (local.get 0) (local.get 1) (local.get 2)))
  (func (export "f64") (param f64 f64 i32) (result f64)
    (select (result f64) (local.get 0) (local.get 1) (local.get 2)))
  (func (export "minimum") (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1))))
  (func (export "by_float") (param f64 f64 i32 i32) (result i32)
    (select (local.get 2) (local.get 3) (f64.lt (local.get 0) (local.get 1))))
  (func (export "reference") (param externref i32) (result externref)
    (select (result externref) (local.get 0) (ref.null extern) (local.get 1))))

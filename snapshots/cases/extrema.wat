;; Minimum and maximum, which wasm has no operators for: a choice by the comparison of its arms.
;; cpu-features: aarch64 +cssc
;; aarch64+cssc: 3 smin, 1 umin, 1 smax, 2 umax, 1 csel, 1 cmp
;; cpu-features: riscv64 +zbb
;; riscv64+zbb: 3 min, 1 minu, 1 max, 2 maxu, no blt, no bge, no bltu, no bgeu
;; run: smin32(-1, 5) = -1
;; run: smax32(-1, 5) = 5
;; run: umin32(-1, 5) = 5
;; run: umax32(-1, 5) = -1
;; run: smin64(-1, 5) = -1
;; run: umax64(-1, 5) = -1
;; run: clamp(300) = 255
;; run: clamp(-300) = -300
;; run: of_others(1, 2, 3, 4) = 3
(module
  (func (export "smin32") (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.lt_s (local.get 0) (local.get 1))))
  (func (export "smax32") (param i32 i32) (result i32)
    (select (local.get 1) (local.get 0) (i32.le_s (local.get 0) (local.get 1))))
  (func (export "umin32") (param i32 i32) (result i32)
    (select (local.get 1) (local.get 0) (i32.ge_u (local.get 0) (local.get 1))))
  (func (export "umax32") (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.gt_u (local.get 0) (local.get 1))))
  (func (export "smin64") (param i64 i64) (result i64)
    (select (local.get 0) (local.get 1) (i64.lt_s (local.get 0) (local.get 1))))
  (func (export "umax64") (param i64 i64) (result i64)
    (select (local.get 1) (local.get 0) (i64.lt_u (local.get 0) (local.get 1))))
  (func (export "clamp") (param i32) (result i32)
    (select (local.get 0) (i32.const 255) (i32.lt_s (local.get 0) (i32.const 255))))
  ;; The arms are not what is compared.
  (func (export "of_others") (param i32 i32 i32 i32) (result i32)
    (i32.add (i32.const 0)
      (select (local.get 2) (local.get 3) (i32.eq (i32.const 1) (local.get 0))))))

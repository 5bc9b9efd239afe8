;; Logic with an inverted operand, and of the lowest bit that is set.
;; x64: 3 andn, 1 blsr, 1 blsi, 1 blsmsk
;; cpu-features: x64 -bmi1
;; x64-bmi1: no andn, no blsr, no blsi, no blsmsk
;; aarch64: 3 bic, 1 orn, 1 eon
;; cpu-features: riscv64 +zbb
;; riscv64+zbb: 3 andn, 1 orn, 2 xnor
;; run: and_not32(0xff, 0x0f) = 0xf0
;; run: and_not64(0xff, 0x0f) = 0xf0
;; run: and_not_load(0) = -16
;; run: or_not(1, 2) = -3
;; run: xor_not(5, 3) = -7
;; run: not_xor(5, 3) = -7
;; run: without_lowest(12) = 8
;; run: lowest(12) = 4
;; run: up_to_lowest(12) = 7
(module
  (memory 1)
  (data (i32.const 0) "\f0\ff\ff\ff")
  (func (export "and_not32") (param i32 i32) (result i32)
    (i32.and (local.get 0) (i32.xor (local.get 1) (i32.const -1))))
  (func (export "and_not64") (param i64 i64) (result i64)
    (i64.and (i64.xor (local.get 1) (i64.const -1)) (local.get 0)))
  (func (export "and_not_load") (param i32) (result i32)
    (i32.and (i32.load (local.get 0)) (i32.xor (local.get 0) (i32.const -1))))
  (func (export "or_not") (param i32 i32) (result i32)
    (i32.or (local.get 0) (i32.xor (local.get 1) (i32.const -1))))
  (func (export "xor_not") (param i64 i64) (result i64)
    (i64.xor (local.get 0) (i64.xor (local.get 1) (i64.const -1))))
  (func (export "not_xor") (param i32 i32) (result i32)
    (i32.xor (i32.xor (local.get 0) (local.get 1)) (i32.const -1)))
  (func (export "without_lowest") (param i32) (result i32)
    (i32.and (local.get 0) (i32.sub (local.get 0) (i32.const 1))))
  (func (export "lowest") (param i64) (result i64)
    (i64.and (local.get 0) (i64.sub (i64.const 0) (local.get 0))))
  (func (export "up_to_lowest") (param i64) (result i64)
    (i64.xor (local.get 0) (i64.add (local.get 0) (i64.const -1)))))

;; Shifts and rotations by a variable (which x64 wants in rcx) and by a constant; counts wrap.
;; cpu-features: x64 +bmi2
;; x64+bmi2: contains shlx, contains shrx, contains sarx
;; cpu-features: riscv64 +zbb
;; riscv64+zbb: 1 rol, 1 rolw, 1 ror, 1 rorw
;; run: shl32(1, 33) = 2
;; run: shr_s32(-8, 1) = -4
;; run: shr_u32(-8, 1) = 0x7ffffffc
;; run: rotl32(0x80000001, 1) = 3
;; run: rotr32(1, 1) = -2147483648
;; run: shl64(1, 65) = 2
;; run: shr_s64(-8, 1) = -4
;; run: shr_u64(-8, 1) = 0x7ffffffffffffffc
;; run: rotl64(0x8000000000000001, 1) = 3
;; run: rotr64(1, 1) = -9223372036854775808
;; run: constants32(0x12345678) = 0xf9bb89fb
;; run: constants64(0x123456789abcdef0) = 0x254be996bcd2700f
;; run: count_in_use(3, 4, 5) = 57
(module
  (func (export "shl32") (param i32 i32) (result i32) (i32.shl (local.get 0) (local.get 1)))
  (func (export "shr_s32") (param i32 i32) (result i32) (i32.shr_s (local.get 0) (local.get 1)))
  (func (export "shr_u32") (param i32 i32) (result i32) (i32.shr_u (local.get 0) (local.get 1)))
  (func (export "rotl32") (param i32 i32) (result i32) (i32.rotl (local.get 0) (local.get 1)))
  (func (export "rotr32") (param i32 i32) (result i32) (i32.rotr (local.get 0) (local.get 1)))
  (func (export "shl64") (param i64 i64) (result i64) (i64.shl (local.get 0) (local.get 1)))
  (func (export "shr_s64") (param i64 i64) (result i64) (i64.shr_s (local.get 0) (local.get 1)))
  (func (export "shr_u64") (param i64 i64) (result i64) (i64.shr_u (local.get 0) (local.get 1)))
  (func (export "rotl64") (param i64 i64) (result i64) (i64.rotl (local.get 0) (local.get 1)))
  (func (export "rotr64") (param i64 i64) (result i64) (i64.rotr (local.get 0) (local.get 1)))
  (func (export "constants32") (param i32) (result i32)
    (i32.xor
      (i32.xor (i32.shl (local.get 0) (i32.const 3)) (i32.shr_u (local.get 0) (i32.const 5)))
      (i32.xor (i32.shr_s (local.get 0) (i32.const 7)) (i32.rotl (local.get 0) (i32.const 9)))))
  (func (export "constants64") (param i64) (result i64)
    (i64.xor
      (i64.xor (i64.shl (local.get 0) (i64.const 1)) (i64.shr_u (local.get 0) (i64.const 63)))
      (i64.xor (i64.shr_s (local.get 0) (i64.const 62)) (i64.rotr (local.get 0) (i64.const 4)))))
  ;; The count stays alive, and the shifted value arrives where the count must go.
  (func (export "count_in_use") (param i32 i32 i32) (result i32)
    (i32.add
      (i32.shl (local.get 0) (local.get 1))
      (i32.add (local.get 1) (local.get 2)))))

;; Logic on whole vectors, selection by masks, and the signs of lanes as a number.
;; run: check(0x0123456789abcdef, 0xfedcba9876543210) = -6099522712529632883
(module
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  ;; aarch64: contains mvn
  (func $v128_not (param v128) (result v128) (v128.not (local.get 0)))
  ;; x64: contains andps, = 2 insns
  (func $v128_and (param v128 v128) (result v128) (v128.and (local.get 0) (local.get 1)))
  ;; x64: contains orps, = 2 insns
  (func $v128_or (param v128 v128) (result v128) (v128.or (local.get 0) (local.get 1)))
  ;; x64: contains xorps, = 2 insns
  (func $v128_xor (param v128 v128) (result v128) (v128.xor (local.get 0) (local.get 1)))
  ;; x64: contains andnps
  ;; aarch64: contains bic, = 2 insns
  (func $v128_andnot (param v128 v128) (result v128) (v128.andnot (local.get 0) (local.get 1)))
  ;; x64: contains andps, contains andnps, contains orps, = 4 insns
  ;; aarch64: contains bif, = 2 insns
  (func $v128_bitselect (param v128 v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
  ;; aarch64: contains orn, = 2 insns
  (func $or_not (param v128 v128) (result v128) (v128.or (local.get 0) (v128.not (local.get 1))))
  ;; x64: contains andnps, = 2 insns
  ;; aarch64: contains bic, = 2 insns
  (func $and_not (param v128 v128) (result v128) (v128.and (v128.not (local.get 0)) (local.get 1)))
  ;; x64: = 4 insns
  (func $select_known (param v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (v128.const i32x4 0xff 0xffff 0x0f0f0f0f 0)))
  ;; x64: contains pblendw, = 2 insns
  ;; aarch64: contains bif, = 3 insns
  (func $select_words (param v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (v128.const i32x4 0xffff 0xffff0000 -1 0)))
  ;; x64: contains pminsw, = 2 insns
  ;; aarch64: contains smin, = 2 insns
  (func $select_less (param v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (i16x8.lt_s (local.get 0) (local.get 1))))
  ;; x64: contains pcmpeqb
  ;; aarch64: contains cmeq
  (func $select_by_compare (param v128 v128) (result v128)
    (v128.bitselect (local.get 0) (local.get 1) (i8x16.eq (local.get 0) (local.get 1))))
  ;; aarch64: contains shl, contains sri
  (func $rotate (param v128 v128) (result v128)
    (v128.or (i32x4.shl (local.get 0) (i32.const 7)) (i32x4.shr_u (local.get 0) (i32.const 25))))
  ;; x64: contains pmovmskb, = 2 insns
  ;; riscv64: contains mul
  (func $i8x16_bitmask (param v128) (result i32) (i8x16.bitmask (local.get 0)))
  ;; x64: contains pshufb, contains pmovmskb, = 3 insns
  (func $i16x8_bitmask (param v128) (result i32) (i16x8.bitmask (local.get 0)))
  ;; x64: contains movmskps, = 2 insns
  (func $i32x4_bitmask (param v128) (result i32) (i32x4.bitmask (local.get 0)))
  ;; x64: contains movmskpd, = 2 insns
  (func $i64x2_bitmask (param v128) (result i32) (i64x2.bitmask (local.get 0)))
  (func (export "check") (param i64 i64) (result i64)
    (local $sum i64) (local $a v128) (local $b v128)
    (local.set $a (i64x2.replace_lane 1 (i64x2.splat (local.get 0)) (local.get 1)))
    (local.set $b (i8x16.add (local.get $a) (i8x16.splat (i32.const 0x4b))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_not (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_and (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_or (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_xor (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_andnot (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_bitselect (local.get $a) (local.get $b) (i32x4.splat (i32.const 0xff00f0))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $or_not (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $and_not (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $select_known (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $select_words (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $select_less (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $select_by_compare (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rotate (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i8x16_bitmask (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i16x8_bitmask (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i32x4_bitmask (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i64x2_bitmask (local.get $a)))))
    (local.get $sum)))

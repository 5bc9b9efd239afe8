;; Shuffles that are one instruction, with two operands, with zeros, and those that are not.
;; run: check(0x0123456789abcdef, 0xfedcba9876543210) = 4417818672207793033
(module
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  ;; aarch64: contains dup
  ;; x64: contains pshufb
  (func $dup_byte (param v128) (result v128)
    (i8x16.shuffle 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5
      (local.get 0) (local.get 0)))
  ;; aarch64: contains dup
  ;; x64: contains pshufd
  (func $dup_word (param v128) (result v128)
    (i8x16.shuffle 8 9 10 11 8 9 10 11 8 9 10 11 8 9 10 11
      (local.get 0) (local.get 0)))
  ;; aarch64: contains rev64, contains ext, = 3 insns
  ;; x64: contains pshufd
  (func $reverse_words (param v128) (result v128)
    (i8x16.shuffle 12 13 14 15 8 9 10 11 4 5 6 7 0 1 2 3
      (local.get 0) (local.get 0)))
  ;; aarch64: contains rev64
  ;; x64: contains pshufb
  (func $rev64_bytes (param v128) (result v128)
    (i8x16.shuffle 7 6 5 4 3 2 1 0 15 14 13 12 11 10 9 8
      (local.get 0) (local.get 0)))
  ;; aarch64: contains rev32
  ;; x64: contains pshufb
  (func $rev32_halves (param v128) (result v128)
    (i8x16.shuffle 2 3 0 1 6 7 4 5 10 11 8 9 14 15 12 13
      (local.get 0) (local.get 0)))
  ;; aarch64: contains rev16
  (func $rev16 (param v128) (result v128)
    (i8x16.shuffle 1 0 3 2 5 4 7 6 9 8 11 10 13 12 15 14
      (local.get 0) (local.get 0)))
  ;; aarch64: contains ext
  ;; x64: contains palignr
  (func $rotate (param v128) (result v128)
    (i8x16.shuffle 5 6 7 8 9 10 11 12 13 14 15 0 1 2 3 4
      (local.get 0) (local.get 0)))
  ;; aarch64: contains zip1, = 2 insns
  ;; x64: contains punpcklbw, = 2 insns
  (func $zip_low (param v128 v128) (result v128)
    (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23
      (local.get 0) (local.get 1)))
  ;; aarch64: contains zip2, = 2 insns
  ;; x64: contains punpckhwd, = 2 insns
  (func $zip_high (param v128 v128) (result v128)
    (i8x16.shuffle 8 9 24 25 10 11 26 27 12 13 28 29 14 15 30 31
      (local.get 0) (local.get 1)))
  ;; aarch64: contains uzp1, = 2 insns
  ;; x64: contains shufps, = 2 insns
  (func $unzip (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 2 3 8 9 10 11 16 17 18 19 24 25 26 27
      (local.get 0) (local.get 1)))
  ;; aarch64: contains uzp2, = 2 insns
  ;; x64: contains packuswb, = 4 insns
  (func $unzip_bytes (param v128 v128) (result v128)
    (i8x16.shuffle 1 3 5 7 9 11 13 15 17 19 21 23 25 27 29 31
      (local.get 0) (local.get 1)))
  ;; aarch64: contains trn1, = 2 insns
  ;; x64: = 3 insns
  (func $transpose (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 2 3 16 17 18 19 8 9 10 11 24 25 26 27
      (local.get 0) (local.get 1)))
  ;; aarch64: contains ext, = 2 insns
  ;; x64: contains palignr
  (func $extract (param v128 v128) (result v128)
    (i8x16.shuffle 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22
      (local.get 0) (local.get 1)))
  ;; x64: contains pblendw, = 2 insns
  ;; aarch64: contains bif, = 3 insns
  (func $blend_words (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 18 19 4 5 6 7 24 25 10 11 12 13 30 31
      (local.get 0) (local.get 1)))
  ;; x64: contains insertps, = 2 insns
  ;; aarch64: = 2 insns
  (func $insert_word (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 2 3 24 25 26 27 8 9 10 11 12 13 14 15
      (local.get 0) (local.get 1)))
  ;; x64: contains shufps, = 2 insns
  (func $pairs (param v128 v128) (result v128)
    (i8x16.shuffle 0 1 2 3 8 9 10 11 20 21 22 23 28 29 30 31
      (local.get 0) (local.get 1)))
  ;; x64: contains shufps, contains pshufd, = 3 insns
  (func $any_words (param v128 v128) (result v128)
    (i8x16.shuffle 12 13 14 15 20 21 22 23 0 1 2 3 24 25 26 27
      (local.get 0) (local.get 1)))
  ;; x64: contains pshufb, <= 4 insns
  ;; aarch64: contains tbl, contains tbx
  (func $any (param v128 v128) (result v128)
    (i8x16.shuffle 3 17 4 30 5 6 7 0 1 16 9 12 2 3 20 8
      (local.get 0) (local.get 1)))
  ;; aarch64: contains movi, contains ext, = 3 insns
  ;; x64: contains psrldq, = 2 insns
  (func $shift_down (param v128) (result v128)
    (i8x16.shuffle 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18
      (local.get 0) (v128.const i64x2 0 0)))
  ;; aarch64: contains mov v0.d[1], = 2 insns
  ;; x64: contains movq, = 2 insns
  (func $low_half (param v128) (result v128)
    (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
      (local.get 0) (v128.const i64x2 0 0)))
  ;; x64: contains pmovzxbw, = 2 insns
  ;; aarch64: contains uxtl, = 2 insns
  (func $zero_extend (param v128) (result v128)
    (i8x16.shuffle 0 16 1 16 2 16 3 16 4 16 5 16 6 16 7 16
      (local.get 0) (v128.const i64x2 0 0)))
  ;; x64: contains pshufb, = 2 insns
  ;; aarch64: contains tbl, no tbx
  (func $some_zero (param v128) (result v128)
    (i8x16.shuffle 3 17 4 30 5 6 7 0 1 16 9 12 2 3 20 8
      (local.get 0) (v128.const i64x2 0 0)))
  ;; x64: contains pshufb, = 2 insns
  ;; riscv64: no lbu
  (func $swizzle_known (param v128) (result v128)
    (i8x16.swizzle (local.get 0) (v128.const i8x16 3 1 4 1 5 9 2 6 16 -1 15 0 128 200 17 7)))
  ;; x64: contains paddusb, contains pshufb, = 3 insns
  ;; aarch64: contains tbl, = 2 insns
  ;; riscv64: contains lbu
  (func $i8x16_swizzle (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get 1)))
  ;; aarch64: contains rev32, = 2 insns
  ;; x64: contains pshufb, = 2 insns
  (func $rotate_lanes (param v128) (result v128)
    (v128.or (i32x4.shl (local.get 0) (i32.const 16)) (i32x4.shr_u (local.get 0) (i32.const 16))))
  ;; aarch64: contains sri, no tbl
  ;; x64: contains pshufb, = 2 insns
  (func $rotate_words_by_byte (param v128) (result v128)
    (v128.or (i32x4.shl (local.get 0) (i32.const 8)) (i32x4.shr_u (local.get 0) (i32.const 24))))
  ;; aarch64: contains sri, no tbl
  (func $rotate_doubles (param v128) (result v128)
    (v128.xor (i64x2.shr_u (local.get 0) (i32.const 16)) (i64x2.shl (local.get 0) (i32.const 48))))
  (func (export "check") (param i64 i64) (result i64)
    (local $sum i64) (local $a v128) (local $b v128)
    (local.set $a (i64x2.replace_lane 1 (i64x2.splat (local.get 0)) (local.get 1)))
    (local.set $b (i8x16.add (local.get $a) (i8x16.splat (i32.const 0x4b))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $dup_byte (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $dup_word (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $reverse_words (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rev64_bytes (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rev32_halves (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rev16 (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rotate (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $zip_low (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $zip_high (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $unzip (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $unzip_bytes (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $transpose (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $extract (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $blend_words (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $insert_word (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $pairs (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $any_words (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $any (local.get $a) (local.get $b)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $shift_down (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $low_half (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $zero_extend (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $some_zero (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $swizzle_known (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_swizzle (local.get $a) (v128.and (local.get $b) (i8x16.splat (i32.const 0x1f)))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rotate_lanes (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rotate_words_by_byte (local.get $a)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $rotate_doubles (local.get $a)))))
    (local.get $sum)))

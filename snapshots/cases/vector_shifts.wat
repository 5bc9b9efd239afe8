;; Shifts of lanes by a variable, which is taken modulo their width, and by constants.
;; run: check(0x8123456789abcdef, 0xfedcba9876543210, 5) = 3830791808981795935
;; run: check(0x8123456789abcdef, 0xfedcba9876543210, 77) = 3117326568944209640
;; run: check(0x8123456789abcdef, 0xfedcba9876543210, 0) = 140757347504662710
(module
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  (func $i8x16_shl (param v128 i32) (result v128) (i8x16.shl (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i8x16_shl_3 (param v128) (result v128) (i8x16.shl (local.get 0) (i32.const 3)))
  (func $i8x16_shr_s (param v128 i32) (result v128) (i8x16.shr_s (local.get 0) (local.get 1)))
  ;; aarch64: contains sshr, = 2 insns
  ;; x64: <= 5 insns
  (func $i8x16_shr_s_3 (param v128) (result v128) (i8x16.shr_s (local.get 0) (i32.const 3)))
  (func $i8x16_shr_u (param v128 i32) (result v128) (i8x16.shr_u (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i8x16_shr_u_3 (param v128) (result v128) (i8x16.shr_u (local.get 0) (i32.const 3)))
  ;; x64: contains pcmpgtb
  (func $i8x16_sign (param v128) (result v128) (i8x16.shr_s (local.get 0) (i32.const 7)))
  (func $i16x8_shl (param v128 i32) (result v128) (i16x8.shl (local.get 0) (local.get 1)))
  ;; x64: contains psllw, = 2 insns
  (func $i16x8_shl_3 (param v128) (result v128) (i16x8.shl (local.get 0) (i32.const 3)))
  (func $i16x8_shr_s (param v128 i32) (result v128) (i16x8.shr_s (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i16x8_shr_s_3 (param v128) (result v128) (i16x8.shr_s (local.get 0) (i32.const 3)))
  (func $i16x8_shr_u (param v128 i32) (result v128) (i16x8.shr_u (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i16x8_shr_u_3 (param v128) (result v128) (i16x8.shr_u (local.get 0) (i32.const 3)))
  ;; x64: contains psraw, = 2 insns
  (func $i16x8_sign (param v128) (result v128) (i16x8.shr_s (local.get 0) (i32.const 15)))
  (func $i32x4_shl (param v128 i32) (result v128) (i32x4.shl (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i32x4_shl_3 (param v128) (result v128) (i32x4.shl (local.get 0) (i32.const 3)))
  (func $i32x4_shr_s (param v128 i32) (result v128) (i32x4.shr_s (local.get 0) (local.get 1)))
  ;; x64: contains psrad, = 2 insns
  (func $i32x4_shr_s_3 (param v128) (result v128) (i32x4.shr_s (local.get 0) (i32.const 3)))
  (func $i32x4_shr_u (param v128 i32) (result v128) (i32x4.shr_u (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i32x4_shr_u_3 (param v128) (result v128) (i32x4.shr_u (local.get 0) (i32.const 3)))
  ;; x64: contains psrad, = 2 insns
  (func $i32x4_sign (param v128) (result v128) (i32x4.shr_s (local.get 0) (i32.const 31)))
  (func $i64x2_shl (param v128 i32) (result v128) (i64x2.shl (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i64x2_shl_3 (param v128) (result v128) (i64x2.shl (local.get 0) (i32.const 3)))
  (func $i64x2_shr_s (param v128 i32) (result v128) (i64x2.shr_s (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $i64x2_shr_s_3 (param v128) (result v128) (i64x2.shr_s (local.get 0) (i32.const 3)))
  (func $i64x2_shr_u (param v128 i32) (result v128) (i64x2.shr_u (local.get 0) (local.get 1)))
  ;; x64: contains psrlq, = 2 insns
  (func $i64x2_shr_u_3 (param v128) (result v128) (i64x2.shr_u (local.get 0) (i32.const 3)))
  ;; x64: contains pcmpgtq
  (func $i64x2_sign (param v128) (result v128) (i64x2.shr_s (local.get 0) (i32.const 63)))
  ;; aarch64: contains usra
  (func $shift_and_add (param v128 v128) (result v128)
    (i32x4.add (i32x4.shr_u (local.get 0) (i32.const 5)) (local.get 1)))
  (func (export "check") (param i64 i64) (param $n i32) (result i64)
    (local $sum i64) (local $v v128)
    (local.set $v (i64x2.replace_lane 1 (i64x2.splat (local.get 0)) (local.get 1)))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_shl (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_shl_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_shr_s (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_shr_s_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_shr_u (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_shr_u_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_sign (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_shl (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_shl_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_shr_s (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_shr_s_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_shr_u (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_shr_u_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_sign (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_shl (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_shl_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_shr_s (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_shr_s_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_shr_u (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_shr_u_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_sign (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_shl (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_shl_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_shr_s (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_shr_s_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_shr_u (local.get $v) (local.get $n)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_shr_u_3 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_sign (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $shift_and_add (local.get $v) (i32x4.splat (local.get $n))))))
    (local.get $sum)))

;; Extraction and replacement of lanes; what goes from lane to lane uses no integer register.
;; run: check(0x0123456789abcdef, 0xfedcba9876543210) = -5558305293218549162
(module
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  ;; aarch64: contains smov, = 2 insns
  ;; riscv64: = 3 insns
  (func $i8x16_extract_lane_s (param v128) (result i32) (i8x16.extract_lane_s 9 (local.get 0)))
  ;; aarch64: contains umov
  ;; x64: contains pextrb, = 2 insns
  (func $i8x16_extract_lane_u (param v128) (result i32) (i8x16.extract_lane_u 9 (local.get 0)))
  ;; x64: contains pinsrb, = 2 insns
  (func $i8x16_replace_lane (param v128 i32) (result v128)
    (i8x16.replace_lane 9 (local.get 0) (local.get 1)))
  ;; aarch64: contains smov
  (func $i16x8_extract_lane_s (param v128) (result i32) (i16x8.extract_lane_s 5 (local.get 0)))
  ;; x64: contains pextrw, = 2 insns
  (func $i16x8_extract_lane_u (param v128) (result i32) (i16x8.extract_lane_u 5 (local.get 0)))
  ;; x64: contains pinsrw, = 2 insns
  (func $i16x8_replace_lane (param v128 i32) (result v128)
    (i16x8.replace_lane 5 (local.get 0) (local.get 1)))
  ;; x64: contains pextrd
  (func $i32x4_extract_lane (param v128) (result i32) (i32x4.extract_lane 2 (local.get 0)))
  ;; x64: contains pinsrd, = 2 insns
  (func $i32x4_replace_lane (param v128 i32) (result v128)
    (i32x4.replace_lane 2 (local.get 0) (local.get 1)))
  ;; x64: contains pextrq
  (func $i64x2_extract_lane (param v128) (result i64) (i64x2.extract_lane 1 (local.get 0)))
  ;; x64: contains pinsrq, = 2 insns
  (func $i64x2_replace_lane (param v128 i64) (result v128)
    (i64x2.replace_lane 1 (local.get 0) (local.get 1)))
  ;; x64: contains pshufd
  (func $f32x4_extract_lane (param v128) (result f32) (f32x4.extract_lane 3 (local.get 0)))
  ;; x64: contains insertps, = 2 insns
  (func $f32x4_replace_lane (param v128 f32) (result v128)
    (f32x4.replace_lane 3 (local.get 0) (local.get 1)))
  ;; x64: contains pshufd
  (func $f64x2_extract_lane (param v128) (result f64) (f64x2.extract_lane 1 (local.get 0)))
  ;; x64: contains movlhps, = 2 insns
  (func $f64x2_replace_lane (param v128 f64) (result v128)
    (f64x2.replace_lane 1 (local.get 0) (local.get 1)))
  ;; aarch64: = 2 insns
  (func $lane_to_lane_8 (param v128 v128) (result v128)
    (i8x16.replace_lane 3 (local.get 0) (i8x16.extract_lane_u 12 (local.get 1))))
  ;; x64: contains pblendw, = 2 insns
  ;; aarch64: = 2 insns
  (func $lane_to_lane_16 (param v128 v128) (result v128)
    (i16x8.replace_lane 3 (local.get 0) (i16x8.extract_lane_s 3 (local.get 1))))
  ;; x64: contains insertps, = 2 insns
  ;; aarch64: = 2 insns
  (func $lane_to_lane_32 (param v128 v128) (result v128)
    (f32x4.replace_lane 1 (local.get 0) (f32x4.extract_lane 2 (local.get 1))))
  ;; aarch64: contains smov, no sxtb
  (func $extend_8 (param v128) (result i32) (i32.extend8_s (i8x16.extract_lane_u 7 (local.get 0))))
  ;; aarch64: contains umov, no and
  ;; x64: contains pextrw, = 2 insns
  (func $mask_16 (param v128) (result i32)
    (i32.and (i16x8.extract_lane_s 6 (local.get 0)) (i32.const 0xffff)))
  ;; aarch64: contains smov x0, = 2 insns
  (func $extend_wide (param v128) (result i64)
    (i64.extend_i32_s (i32x4.extract_lane 3 (local.get 0))))
  (func (export "check") (param $low i64) (param $high i64) (result i64)
    (local $sum i64) (local $v v128)
    (local.set $v (i64x2.replace_lane 1 (i64x2.splat (local.get $low)) (local.get $high)))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i8x16_extract_lane_s (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i8x16_extract_lane_u (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_replace_lane (local.get $v) (i32.const 77)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i16x8_extract_lane_s (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i16x8_extract_lane_u (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_replace_lane (local.get $v) (i32.const 77)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i32x4_extract_lane (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_replace_lane (local.get $v) (i32.const 77)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $i64x2_extract_lane (local.get $v))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_replace_lane (local.get $v) (i64.const -77)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (i32.reinterpret_f32 (call $f32x4_extract_lane (local.get $v))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $f32x4_replace_lane (local.get $v) (f32.const 7.5)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.reinterpret_f64 (call $f64x2_extract_lane (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $f64x2_replace_lane (local.get $v) (f64.const -7.5)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $lane_to_lane_8 (local.get $v) (v128.not (local.get $v))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $lane_to_lane_16 (local.get $v) (v128.not (local.get $v))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $lane_to_lane_32 (local.get $v) (v128.not (local.get $v))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $extend_8 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $mask_16 (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $extend_wide (local.get $v))))
    (local.get $sum)))

;; Constants that are made in registers, pooled ones, and operators on constants.
;; run: check() = -1455709778516443915
(module
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  ;; x64: contains xorps, = 2 insns
  ;; aarch64: contains movi, = 2 insns
  (func $zeros (result v128) (v128.const i64x2 0 0))
  ;; x64: contains pcmpeqd, = 2 insns
  ;; aarch64: contains movi, = 2 insns
  (func $ones (result v128) (v128.const i64x2 -1 -1))
  ;; aarch64: contains movi v0.16b
  (func $bytes (result v128) (v128.const i8x16 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5 5))
  ;; aarch64: contains movi v0.8h
  (func $words (result v128)
    (v128.const i16x8 0x7f00 0x7f00 0x7f00 0x7f00 0x7f00 0x7f00 0x7f00 0x7f00))
  ;; aarch64: contains mvni v0.4s
  (func $inverse (result v128) (v128.const i32x4 -2 -2 -2 -2))
  ;; aarch64: contains movi v0.4s
  (func $ones_below (result v128) (v128.const i32x4 0x12ff 0x12ff 0x12ff 0x12ff))
  ;; aarch64: contains movi v0.2d
  (func $mask (result v128) (v128.const i64x2 0xff00ff000000ffff 0xff00ff000000ffff))
  ;; aarch64: contains fmov v0.4s
  (func $singles (result v128) (v128.const f32x4 1.5 1.5 1.5 1.5))
  ;; aarch64: contains fmov v0.2d
  (func $doubles (result v128) (v128.const f64x2 -2 -2))
  ;; x64: contains movaps, = 2 insns
  ;; aarch64: contains ldr q0, = 2 insns
  (func $pooled (result v128) (v128.const i32x4 1 2 3 4))
  ;; x64: contains paddd, = 2 insns
  (func $operand (param v128) (result v128) (i32x4.add (local.get 0) (v128.const i32x4 1 2 3 4)))
  ;; all: no call
  ;; x64: = 2 insns
  ;; aarch64: = 2 insns
  (func $folded (result v128)
    (i16x8.add_sat_s (i16x8.splat (i32.const 30000))
      (i32x4.mul (v128.const i32x4 1 2 3 4) (i8x16.popcnt (i8x16.shl (v128.const i64x2 -1 77) (i32.const 3))))))
  ;; x64: = 2 insns
  ;; aarch64: = 2 insns
  ;; riscv64: = 2 insns
  (func $folded_lane (result i32)
    (i8x16.extract_lane_s 3 (f32x4.sqrt (f32x4.convert_i32x4_s (v128.const i32x4 2 3 4 5)))))
  ;; x64: = 2 insns
  ;; aarch64: = 2 insns
  ;; riscv64: = 2 insns
  (func $folded_test (result i32)
    (i32x4.all_true (i32x4.gt_u (v128.const i32x4 -1 2 3 4) (v128.const i32x4 0 1 2 3))))
  (func (export "check") (result i64)
    (local $sum i64)
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $zeros))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $ones))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $bytes))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $words))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $inverse))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $ones_below))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $mask))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $singles))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $doubles))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $pooled))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $operand (v128.const i32x4 5 6 7 8)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $folded))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_s (call $folded_lane))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_s (call $folded_test))))
    (local.get $sum)))

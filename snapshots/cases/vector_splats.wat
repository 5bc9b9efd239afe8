;; Splats of every type: of a register, of memory, and of another vector's lane.
;; run: check(0x1234abcd, -2, 1.5, -0.25, 3) = -3595523624507201226
(module
  (memory 1)
  (data (i32.const 0) "\00\11\22\33\44\55\66\77\88\99\aa\bb\cc\dd\ee\ff\f0\e1\d2\c3")
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  ;; aarch64: contains dup
  ;; x64: contains pshufb
  (func $i8x16_splat (param i32) (result v128) (i8x16.splat (local.get 0)))
  ;; aarch64: contains dup
  ;; x64: contains pshuflw, contains pshufd
  (func $i16x8_splat (param i32) (result v128) (i16x8.splat (local.get 0)))
  ;; aarch64: contains dup
  ;; x64: contains pshufd
  (func $i32x4_splat (param i32) (result v128) (i32x4.splat (local.get 0)))
  ;; aarch64: contains dup
  ;; x64: contains pshufd
  (func $i64x2_splat (param i64) (result v128) (i64x2.splat (local.get 0)))
  ;; aarch64: contains dup
  ;; x64: contains pshufd
  (func $f32x4_splat (param f32) (result v128) (f32x4.splat (local.get 0)))
  ;; aarch64: contains dup
  ;; x64: contains movddup
  (func $f64x2_splat (param f64) (result v128) (f64x2.splat (local.get 0)))
  ;; aarch64: contains ldr, contains dup, no ldrb
  (func $v128_load8_splat (param i32) (result v128) (v128.load8_splat (local.get 0)))
  ;; aarch64: contains ldr, contains dup, no ldrh
  (func $v128_load16_splat (param i32) (result v128) (v128.load16_splat (local.get 0)))
  ;; x64: contains movss, contains pshufd
  (func $v128_load32_splat (param i32) (result v128) (v128.load32_splat (local.get 0)))
  ;; x64: contains movddup
  (func $v128_load64_splat (param i32) (result v128) (v128.load64_splat (local.get 0)))
  ;; x64: contains pshufb
  ;; aarch64: contains dup, no umov
  (func $i8x16_lane (param v128) (result v128) (i8x16.splat (i8x16.extract_lane_u 5 (local.get 0))))
  ;; aarch64: contains dup, no smov
  (func $i16x8_lane (param v128) (result v128) (i16x8.splat (i16x8.extract_lane_s 3 (local.get 0))))
  ;; x64: contains pshufd, no pextrd
  ;; aarch64: contains dup
  ;; riscv64: no mul
  (func $i32x4_lane (param v128) (result v128) (i32x4.splat (i32x4.extract_lane 2 (local.get 0))))
  ;; x64: contains pshufd
  ;; aarch64: contains dup
  (func $i64x2_lane (param v128) (result v128) (i64x2.splat (i64x2.extract_lane 1 (local.get 0))))
  ;; x64: contains pshufd
  ;; aarch64: contains dup
  (func $f32x4_lane (param v128) (result v128) (f32x4.splat (f32x4.extract_lane 3 (local.get 0))))
  (func (export "check") (param $i32 i32) (param $i64 i64) (param $f32 f32) (param $f64 f64) (param $at i32) (result i64)
    (local $sum i64)
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_splat (local.get $i32)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_splat (local.get $i32)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_splat (local.get $i32)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_splat (local.get $i64)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $f32x4_splat (local.get $f32)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $f64x2_splat (local.get $f64)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load8_splat (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load16_splat (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load32_splat (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load64_splat (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i8x16_lane (v128.load (i32.const 1))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i16x8_lane (v128.load (i32.const 1))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i32x4_lane (v128.load (i32.const 1))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $i64x2_lane (v128.load (i32.const 1))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $f32x4_lane (v128.load (i32.const 1))))))
    (local.get $sum)))

;; Loads and stores of vectors and lanes; a store that traps writes nothing.
;; run: check(1) = -2320664055408304591
;; run: store_lanes(64) = 8156565596823044631
;; run: store(65520)
;; run: read(65520) = 12884901887
;; run: store(65513)
;; run: read(65513) = 12884901887
;; run: store(65521) traps memory-out-of-bounds
;; run: store(65528) traps memory-out-of-bounds
;; run: store(65535) traps memory-out-of-bounds
;; run: store(-1) traps memory-out-of-bounds
;; run: read(65528) = 21474836224
(module
  (memory 1)
  (data (i32.const 0) "\80\11\f2\33\44\d5\66\77\88\99\aa\bb\cc\dd\ee\ff\f0\e1\d2\c3\b4\a5\96\87")
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  ;; x64: contains movups, <= 3 insns
  ;; aarch64: contains ldr q0
  (func $v128_load (param i32) (result v128) (v128.load (local.get 0)))
  ;; x64: contains pmovsxbw
  ;; aarch64: contains sxtl
  (func $v128_load8x8_s (param i32) (result v128) (v128.load8x8_s (local.get 0)))
  ;; x64: contains pmovzxbw
  ;; aarch64: contains uxtl
  (func $v128_load8x8_u (param i32) (result v128) (v128.load8x8_u (local.get 0)))
  ;; x64: contains pmovsxwd
  (func $v128_load16x4_s (param i32) (result v128) (v128.load16x4_s (local.get 0)))
  ;; x64: contains pmovzxwd
  (func $v128_load16x4_u (param i32) (result v128) (v128.load16x4_u (local.get 0)))
  ;; x64: contains pmovsxdq
  (func $v128_load32x2_s (param i32) (result v128) (v128.load32x2_s (local.get 0)))
  ;; x64: contains pmovzxdq
  (func $v128_load32x2_u (param i32) (result v128) (v128.load32x2_u (local.get 0)))
  ;; x64: contains movss
  ;; aarch64: contains ldr s0
  (func $v128_load32_zero (param i32) (result v128) (v128.load32_zero (local.get 0)))
  ;; x64: contains movsd
  ;; aarch64: contains ldr d0
  (func $v128_load64_zero (param i32) (result v128) (v128.load64_zero (local.get 0)))
  ;; x64: contains pinsrb
  ;; aarch64: no ldrb
  (func $v128_load8_lane (param i32 v128) (result v128)
    (v128.load8_lane 13 (local.get 0) (local.get 1)))
  ;; x64: contains pinsrw
  ;; aarch64: no ldrh
  (func $v128_load16_lane (param i32 v128) (result v128)
    (v128.load16_lane 6 (local.get 0) (local.get 1)))
  ;; x64: contains pinsrd
  (func $v128_load32_lane (param i32 v128) (result v128)
    (v128.load32_lane 1 (local.get 0) (local.get 1)))
  ;; x64: contains movhps
  (func $v128_load64_lane (param i32 v128) (result v128)
    (v128.load64_lane 1 (local.get 0) (local.get 1)))
  ;; x64: contains pextrb
  ;; aarch64: contains str b*, no umov
  (func $v128_store8_lane (param i32 v128) (v128.store8_lane 11 (local.get 0) (local.get 1)))
  ;; x64: contains pextrw
  ;; aarch64: contains str h*, no umov
  (func $v128_store16_lane (param i32 v128) (v128.store16_lane 3 (local.get 0) (local.get 1)))
  ;; x64: contains pextrd
  ;; aarch64: contains str s*, no umov
  (func $v128_store32_lane (param i32 v128) (v128.store32_lane 2 (local.get 0) (local.get 1)))
  ;; x64: contains movhps
  ;; aarch64: contains str d*, no umov
  (func $v128_store64_lane (param i32 v128) (v128.store64_lane 1 (local.get 0) (local.get 1)))
  ;; x64: contains movss, no pextrd
  ;; aarch64: contains str s0
  (func $store_lane_0 (param i32 v128) (v128.store32_lane 0 (local.get 0) (local.get 1)))
  ;; x64: contains movhps, contains movlps, = 2 traps
  ;; aarch64: contains ldrb, contains str q0, = 2 traps
  ;; riscv64: = 2 traps
  (func $v128_store (param i32 v128) (v128.store (local.get 0) (local.get 1)))
  (func (export "check") (param $at i32) (result i64)
    (local $sum i64)
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load8x8_s (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load8x8_u (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load16x4_s (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load16x4_u (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load32x2_s (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load32x2_u (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load32_zero (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load64_zero (local.get $at)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load8_lane (local.get $at) (v128.load (i32.const 16))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load16_lane (local.get $at) (v128.load (i32.const 16))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load32_lane (local.get $at) (v128.load (i32.const 16))))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $v128_load64_lane (local.get $at) (v128.load (i32.const 16))))))
    (local.get $sum))
  (func (export "store") (param i32)
    (call $v128_store (local.get 0) (v128.const i32x4 -1 2 -3 4)))
  (func (export "store_lanes") (param i32) (result i64)
    (call $v128_store8_lane (local.get 0) (v128.const i64x2 0x0102030405060708 0x1112131415161718))
    (call $v128_store16_lane (i32.add (local.get 0) (i32.const 2)) (v128.const i32x4 1 0x23456789 3 4))
    (call $v128_store32_lane (i32.add (local.get 0) (i32.const 4)) (v128.const i32x4 1 2 0x3456789a 4))
    (call $v128_store64_lane (i32.add (local.get 0) (i32.const 8)) (v128.const i64x2 1 0x456789abcdef0123))
    (call $store_lane_0 (i32.add (local.get 0) (i32.const 16)) (v128.const i32x4 0x7654321 1 2 3))
    (i64.xor (i64.load (local.get 0)) (i64.xor (i64.load offset=8 (local.get 0)) (i64.load offset=16 (local.get 0)))))
  (func (export "read") (param i32) (result i64) (i64.load (local.get 0))))

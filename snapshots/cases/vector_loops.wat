;; Loops over vectors in memory: what is hoisted, what stays in registers, how accumulators live.
;; run: fill(7)
;; run: read(8) = 1591200115485380623
;; run: convert(64)
;; run: dot(64) = 4632
;; run: upper(96)
;; run: read(8) = 1591200115485380623
;; run: read(88) = 5063528411713069151
;; run: find(0, 42) = 35
;; run: find(0, 0x58) = 81
;; run: round(16) = 1849496792022988790
(module
  (memory 1)

  ;; The vector that is stored is computed anew each time around.
  (func (export "fill") (param i32) (local $i i32)
    (loop $next
      (v128.store (local.get $i)
        (i8x16.add (i8x16.splat (i32.add (local.get 0) (local.get $i)))
          (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 512)))))

  (func (export "read") (param i32) (result i64) (i64.load (local.get 0)))

  ;; Bytes to floats.
  (func (export "convert") (param i32) (local $i i32)
    (loop $next
      (v128.store offset=1024 (i32.shl (local.get $i) (i32.const 2))
        (f32x4.convert_i32x4_u
          (i32x4.extend_low_i16x8_u
            (i16x8.extend_low_i8x16_u (v128.load32_zero (local.get $i))))))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get 0)))))

  ;; Products of floats, summed up in four lanes, which on riscv64 are four registers.
  ;; x64: contains mulps, contains addps, = 0 spills
  ;; aarch64: contains fmul, contains fadd, = 0 spills
  ;; riscv64: contains fmul.s, contains fadd.s, contains flw, no ld a3, no fmv.x.w, = 0 spills
  (func (export "dot") (param i32) (result f32) (local $i i32) (local $sum v128)
    (loop $next
      (local.set $sum
        (f32x4.add (local.get $sum)
          (f32x4.mul (v128.load offset=1024 (local.get $i)) (v128.load offset=1040 (local.get $i)))))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get 0))))
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
      (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum)))))

  ;; Letters become capitals.
  ;; x64: = 0 spills
  ;; aarch64: = 0 spills
  (func (export "upper") (param i32) (local $i i32) (local $v v128)
    (loop $next
      (local.set $v (v128.load (local.get $i)))
      (v128.store (local.get $i)
        (i8x16.sub (local.get $v)
          (v128.and (i8x16.splat (i32.const 32))
            (v128.and
              (i8x16.ge_u (local.get $v) (i8x16.splat (i32.const 97)))
              (i8x16.le_u (local.get $v) (i8x16.splat (i32.const 122)))))))
      (br_if $next
        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (local.get 0)))))

  ;; The position of a byte.
  ;; x64: contains pmovmskb, contains tzcnt
  (func (export "find") (param $i i32) (param i32) (result i32) (local $mask i32)
    (block $found
      (loop $next
        (br_if $found (local.tee $mask
          (i8x16.bitmask (i8x16.eq (v128.load (local.get $i)) (i8x16.splat (local.get 1))))))
        (br_if $next
          (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 512))))
      (return (i32.const -1)))
    (i32.add (local.get $i) (i32.ctz (local.get $mask))))

  ;; Rounds of a cipher: sums, and rotations by whole bytes and by others.
  ;; x64: contains pshufb, contains pslld, = 0 spills
  ;; aarch64: contains rev32, contains sri, = 0 spills
  (func (export "round") (param $n i32) (result i64)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $a (v128.load (i32.const 0)))
    (local.set $b (v128.load (i32.const 16)))
    (local.set $c (v128.load (i32.const 32)))
    (local.set $d (v128.load (i32.const 48)))
    (loop $next
      (local.set $a (i32x4.add (local.get $a) (local.get $b)))
      (local.set $d (v128.xor (local.get $d) (local.get $a)))
      (local.set $d (v128.or
        (i32x4.shl (local.get $d) (i32.const 16)) (i32x4.shr_u (local.get $d) (i32.const 16))))
      (local.set $c (i32x4.add (local.get $c) (local.get $d)))
      (local.set $b (v128.xor (local.get $b) (local.get $c)))
      (local.set $b (v128.or
        (i32x4.shl (local.get $b) (i32.const 12)) (i32x4.shr_u (local.get $b) (i32.const 20))))
      (local.set $b (i8x16.shuffle 4 5 6 7 8 9 10 11 12 13 14 15 0 1 2 3
        (local.get $b) (local.get $b)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i64.add
      (i64x2.extract_lane 0 (v128.xor (local.get $a) (local.get $b)))
      (i64x2.extract_lane 1 (v128.xor (local.get $c) (local.get $d))))))

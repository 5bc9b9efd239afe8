;; Vectors as values: in registers and on the stack, across calls, through tables, globals and branches.
;; show: trampolines
;; run: many(3) = -361137866992190714
;; run: across(5, 7) = 8519745
;; run: indirect(0, 11) = 8616736188892197715
;; run: indirect(1, 11) = -6592319570742347554
;; run: indirect(2, 11) traps undefined-element
;; run: globals(6) = -7392846559720645197
;; run: globals(7) = -7392283708550292054
;; run: branch(0, 9) = 5066588236677129
;; run: branch(1, 9) = 139049699384361207
;; run: branch(2, 9) = 149182875857715465
;; run: branch(77, 9) = 149182875857715465
;; run: select(0, 4) = -7388342985862160966
;; run: select(1, 4) = 2251816994078724
;; run: rotate(5) = 3940688329441288
(module
  (type $binary (func (param v128 v128) (result v128)))
  (table funcref (elem $sum $difference))
  (global $mutable (export "mutable") (mut v128) (v128.const i32x4 1 2 3 4))
  (global $constant v128 (v128.const i64x2 0x1122334455667788 -2))
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))

  ;; Of ten vectors two are passed on the stack; two results.
  (func $ten (param v128 v128 v128 v128 v128 v128 v128 v128 v128 v128) (result v128 v128)
    (i32x4.sub (local.get 9) (local.get 0))
    (i8x16.add (local.get 8) (local.get 1)))
  (func (export "many") (param i32) (result i64) (local $v v128) (local $w v128)
    (local.set $v (i32x4.splat (local.get 0)))
    (call $ten (local.get $v) (local.get $v) (local.get $v) (local.get $v) (local.get $v)
      (local.get $v) (local.get $v) (local.get $v) (i8x16.splat (local.get 0))
      (v128.not (local.get $v)))
    (local.set $w)
    (i64.sub (call $mix) (call $mix (local.get $w))))

  ;; Alive across a call: on x64 and aarch64 calls preserve no vector register.
  ;; x64: 2 spills
  ;; aarch64: 2 spills
  (func (export "across") (param i64 i64) (result i64) (local $a v128) (local $b v128)
    (local.set $a (i64x2.splat (local.get 0)))
    (local.set $b (i16x8.add (local.get $a) (i64x2.splat (local.get 1))))
    (i64.add (call $mix (local.get $a))
      (call $mix (i32x4.mul (local.get $a) (local.get $b)))))

  (func $sum (type $binary) (i16x8.add (local.get 0) (local.get 1)))
  (func $difference (type $binary) (i16x8.sub (local.get 0) (local.get 1)))
  (func (export "indirect") (param i32 i32) (result i64)
    (call $mix (call_indirect (type $binary)
      (i8x16.splat (local.get 1)) (global.get $constant) (local.get 0))))

  (func (export "globals") (param i32) (result i64)
    (global.set $mutable (i32x4.add (global.get $mutable) (i32x4.splat (local.get 0))))
    (call $mix (v128.xor (global.get $mutable) (global.get $constant))))

  ;; A vector on every edge of a br_table.
  (func (export "branch") (param i32 i32) (result i64)
    (call $mix
      (block $a (result v128)
        (i8x16.neg
          (block $b (result v128)
            (i16x8.neg
              (block $c (result v128)
                (br_table $a $b $c (i32x4.splat (local.get 1)) (local.get 0)))))))))

  (func (export "select") (param i32 i32) (result i64)
    (call $mix (select (i32x4.splat (local.get 1)) (global.get $constant) (local.get 0))))

  ;; Three vectors change places in a loop.
  (func (export "rotate") (param i32) (result i64)
    (local $a v128) (local $b v128) (local $c v128) (local $t v128)
    (local.set $a (v128.const i32x4 1 2 3 4))
    (local.set $b (i32x4.splat (local.get 0)))
    (loop $again
      (local.set $t (i32x4.add (local.get $a) (local.get $b)))
      (local.set $a (local.get $b))
      (local.set $b (local.get $c))
      (local.set $c (local.get $t))
      (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (i64.add (call $mix (local.get $a))
      (i64.mul (i64.const 3) (call $mix (v128.xor (local.get $b) (local.get $c)))))))

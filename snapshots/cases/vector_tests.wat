;; Whether any lane or all lanes are true: as values, and as conditions without one.
;; run: check(0, 0) = 722849834180433318
;; run: check(0, 1) = 728479505518320326
;; run: check(-1, -1) = 1587568416936609542
;; run: check(0x0101010101010101, 0x0101010101010100) = 739771284810030150
;; run: check(0x0001000100010001, 0x0001000100010001) = 745406282070159750
(module
  ;; Both halves in one number.
  (func $mix (param v128) (result i64)
    (i64.xor
      (i64.rotl (i64x2.extract_lane 0 (local.get 0)) (i64.const 17))
      (i64x2.extract_lane 1 (local.get 0))))
  (global $calls (mut i32) (i32.const 0))
  (func $count (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls))
  ;; x64: contains ptest
  ;; aarch64: contains umaxp
  (func $v128_any_true (param v128) (result i32) (v128.any_true (local.get 0)))
  ;; x64: contains ptest, no set*
  ;; aarch64: no cset
  ;; riscv64: no sltiu a0
  (func $v128_any_true_branch (param v128) (result i32)
    (if (result i32) (v128.any_true (local.get 0)) (then (call $count)) (else (i32.const 20))))
  ;; x64: no set*
  ;; aarch64: no cset
  (func $v128_any_true_not (param v128) (result i32)
    (if (i32.eqz (v128.any_true (local.get 0))) (then (return (call $count))))
    (i32.const 2))
  ;; x64: contains ptest
  ;; aarch64: contains uminv
  (func $i8x16_all_true (param v128) (result i32) (i8x16.all_true (local.get 0)))
  ;; x64: contains ptest, no set*
  ;; aarch64: no cset
  ;; riscv64: no sltiu a0
  (func $i8x16_all_true_branch (param v128) (result i32)
    (if (result i32) (i8x16.all_true (local.get 0)) (then (call $count)) (else (i32.const 20))))
  ;; x64: no set*
  ;; aarch64: no cset
  (func $i8x16_all_true_not (param v128) (result i32)
    (if (i32.eqz (i8x16.all_true (local.get 0))) (then (return (call $count))))
    (i32.const 2))
  ;; aarch64: contains uminv
  (func $i16x8_all_true (param v128) (result i32) (i16x8.all_true (local.get 0)))
  ;; x64: contains ptest, no set*
  ;; aarch64: no cset
  ;; riscv64: no sltiu a0
  (func $i16x8_all_true_branch (param v128) (result i32)
    (if (result i32) (i16x8.all_true (local.get 0)) (then (call $count)) (else (i32.const 20))))
  ;; x64: no set*
  ;; aarch64: no cset
  (func $i16x8_all_true_not (param v128) (result i32)
    (if (i32.eqz (i16x8.all_true (local.get 0))) (then (return (call $count))))
    (i32.const 2))
  ;; aarch64: contains uminv
  (func $i32x4_all_true (param v128) (result i32) (i32x4.all_true (local.get 0)))
  ;; x64: contains ptest, no set*
  ;; aarch64: no cset
  ;; riscv64: no sltiu a0
  (func $i32x4_all_true_branch (param v128) (result i32)
    (if (result i32) (i32x4.all_true (local.get 0)) (then (call $count)) (else (i32.const 20))))
  ;; x64: no set*
  ;; aarch64: no cset
  (func $i32x4_all_true_not (param v128) (result i32)
    (if (i32.eqz (i32x4.all_true (local.get 0))) (then (return (call $count))))
    (i32.const 2))
  ;; aarch64: contains fcmp
  (func $i64x2_all_true (param v128) (result i32) (i64x2.all_true (local.get 0)))
  ;; x64: contains ptest, no set*
  ;; aarch64: no cset
  ;; riscv64: no sltiu a0
  (func $i64x2_all_true_branch (param v128) (result i32)
    (if (result i32) (i64x2.all_true (local.get 0)) (then (call $count)) (else (i32.const 20))))
  ;; x64: no set*
  ;; aarch64: no cset
  (func $i64x2_all_true_not (param v128) (result i32)
    (if (i32.eqz (i64x2.all_true (local.get 0))) (then (return (call $count))))
    (i32.const 2))
  ;; aarch64: no cset
  (func $select_any (param v128 v128 v128) (result v128)
    (select (local.get 0) (local.get 1) (v128.any_true (local.get 2))))
  (func (export "check") (param i64 i64) (result i64)
    (local $sum i64) (local $v v128)
    (local.set $v (i64x2.replace_lane 1 (i64x2.splat (local.get 0)) (local.get 1)))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $v128_any_true (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $v128_any_true_branch (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $v128_any_true_not (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i8x16_all_true (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i8x16_all_true_branch (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i8x16_all_true_not (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i16x8_all_true (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i16x8_all_true_branch (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i16x8_all_true_not (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i32x4_all_true (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i32x4_all_true_branch (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i32x4_all_true_not (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i64x2_all_true (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i64x2_all_true_branch (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (i64.extend_i32_u (call $i64x2_all_true_not (local.get $v)))))
    (local.set $sum (i64.add (i64.rotl (local.get $sum) (i64.const 5)) (call $mix (call $select_any (v128.const i64x2 1 2) (v128.const i64x2 3 4) (local.get $v)))))
    (local.get $sum)))

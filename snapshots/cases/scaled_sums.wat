;; Sums of a shifted or zero-extended operand, as addresses have them.
;; cpu-features: riscv64 +zba
;; riscv64+zba: contains sh1add, contains sh2add, contains sh3add, contains add.uw, 1 sh3add.uw, 1 slli.uw
;; run: sum(10, 3) = 34
;; run: sum_of_pairs(10, 3) = 16
;; run: sum_unsigned(10, -1) = 0x800000002
;; run: sum_low(1, -1) = 0x100000000
;; run: product(7) = 63
;; run: extend(-1) = 0xffffffff
;; run: extend_shift(-1) = 0x3fffffffc
;; run: element(0, 1) = 0x08070605
;; run: constant(0) = 0x89abcdef
(module
  (memory 1)
  (data (i32.const 0) "\01\02\03\04\05\06\07\08")
  (func (export "sum") (param i64 i64) (result i64)
    (i64.add (local.get 0) (i64.shl (local.get 1) (i64.const 3))))
  (func (export "sum_of_pairs") (param i64 i64) (result i64)
    (i64.add (i64.shl (local.get 1) (i64.const 1)) (local.get 0)))
  (func (export "sum_unsigned") (param i64 i32) (result i64)
    (i64.add (i64.shl (i64.extend_i32_u (local.get 1)) (i64.const 3)) (local.get 0)))
  (func (export "sum_low") (param i64 i32) (result i64)
    (i64.add (local.get 0) (i64.extend_i32_u (local.get 1))))
  (func (export "product") (param i64) (result i64)
    (i64.mul (local.get 0) (i64.const 9)))
  (func (export "extend") (param i32) (result i64)
    (i64.extend_i32_u (local.get 0)))
  (func (export "extend_shift") (param i32) (result i64)
    (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 2)))
  (func (export "element") (param i32 i32) (result i32)
    (i32.load (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 2)))))
  (func (export "constant") (param i64) (result i64)
    (i64.add (local.get 0) (i64.const 0x89abcdef))))

;; One place in memory that is read, changed and written: x64 does it in one instruction, whose trap is
;; that of the load. What is wanted afterwards, or elsewhere, needs a register.
;; x64 add_constant: <= 3 insns
;; x64 add_variable: <= 3 insns
;; run: add_constant(0)
;; run: load(0) = 3
;; run: add_variable(0, 5)
;; run: load(0) = 8
;; run: logic(0, 0xc)
;; run: load(0) = 0xc
;; run: subtract(0, 4)
;; run: load(0) = 8
;; run: reversed(0, 30)
;; run: load(0) = 22
;; run: narrow(0)
;; run: load(0) = 0xffffff15
;; run: used(0) = 0xffffff16
;; run: elsewhere(0)
;; run: load(8) = 0xffffff17
;; run: shift(8)
;; run: load(8) = 0xfffffe2e
;; run: add_constant(65533) traps memory-out-of-bounds
;; run: add_variable(-1, 1) traps memory-out-of-bounds
(module
  (memory 1)
  (func (export "load") (param i32) (result i64) (i64.load32_u (local.get 0)))
  (func (export "add_constant") (param i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 3))))
  (func (export "add_variable") (param i32 i64)
    (i64.store (local.get 0) (i64.add (local.get 1) (i64.load (local.get 0)))))
  (func (export "logic") (param i32 i32)
    (i32.store (local.get 0) (i32.or (i32.load (local.get 0)) (local.get 1)))
    (i32.store (local.get 0) (i32.and (i32.load (local.get 0)) (i32.const 0xfe)))
    (i32.store offset=4 (local.get 0) (i32.xor (i32.load offset=4 (local.get 0)) (i32.const 0))))
  (func (export "subtract") (param i32 i32)
    (i32.store (local.get 0) (i32.sub (i32.load (local.get 0)) (local.get 1))))
  ;; Not what memory is the first operand of.
  (func (export "reversed") (param i32 i32)
    (i32.store (local.get 0) (i32.sub (local.get 1) (i32.load (local.get 0)))))
  (func (export "narrow") (param i32)
    (i32.store (local.get 0) (i32.const -1))
    (i32.store8 (local.get 0) (i32.add (i32.load8_u (local.get 0)) (i32.const 22))))
  (func (export "used") (param i32) (result i64) (local i64)
    (i64.store (local.get 0)
      (local.tee 1 (i64.add (i64.load (local.get 0)) (i64.const 1))))
    (i64.and (local.get 1) (i64.const 0xffffffff)))
  (func (export "elsewhere") (param i32)
    (i32.store offset=8 (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1))))
  (func (export "shift") (param i32)
    (i32.store (local.get 0) (i32.shl (i32.load (local.get 0)) (i32.const 1)))))

;; Setting, clearing, inverting and reading one bit, by a constant and by a variable.
;; cpu-features: riscv64 +zbs
;; riscv64+zbs: 1 bseti, 1 binvi, 1 bclri, 1 bexti, 1 bset, 1 binv, 2 bclr, 1 bext
;; run: set(0) = 0x1000
;; run: invert(-1) = 0xfffffffeffffffff
;; run: clear(-1) = 0xffffbfff
;; run: read(0x20000) = 1
;; run: set_by(0, 65) = 2
;; run: invert_by(-1, 63) = 0x7fffffffffffffff
;; run: clear_by(-1, 1) = -3
;; run: clear_by_rotation(-1, 1) = -3
;; run: read_by(0x20000, 17) = 1
;; run: sign(0) = 0x80000000
(module
  (func (export "set") (param i32) (result i32)
    (i32.or (local.get 0) (i32.const 0x1000)))
  (func (export "invert") (param i64) (result i64)
    (i64.xor (local.get 0) (i64.const 0x100000000)))
  (func (export "clear") (param i32) (result i32)
    (i32.and (local.get 0) (i32.const 0xffffbfff)))
  (func (export "read") (param i32) (result i32)
    (i32.and (i32.shr_u (local.get 0) (i32.const 17)) (i32.const 1)))
  (func (export "set_by") (param i64 i64) (result i64)
    (i64.or (local.get 0) (i64.shl (i64.const 1) (local.get 1))))
  (func (export "invert_by") (param i64 i64) (result i64)
    (i64.xor (i64.shl (i64.const 1) (local.get 1)) (local.get 0)))
  (func (export "clear_by") (param i64 i64) (result i64)
    (i64.and (local.get 0) (i64.xor (i64.shl (i64.const 1) (local.get 1)) (i64.const -1))))
  (func (export "clear_by_rotation") (param i64 i64) (result i64)
    (i64.and (local.get 0) (i64.rotl (i64.const -2) (local.get 1))))
  (func (export "read_by") (param i64 i64) (result i64)
    (i64.and (i64.shr_u (local.get 0) (local.get 1)) (i64.const 1)))
  ;; The sign of 32 bits is also that of the register.
  (func (export "sign") (param i32) (result i32)
    (i32.or (local.get 0) (i32.const 0x80000000))))

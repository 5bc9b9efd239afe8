;; Every i64 operation of one or two operands; constants beyond 32 bits need a register.
;; run: add(0xffffffff, 1) = 0x100000000
;; run: sub(0, 1) = -1
;; run: mul(0x100000001, 0x100000001) = 0x200000001
;; run: and(-1, 0x123456789abcdef0) = 0x123456789abcdef0
;; run: or(0x7000000000000000, 1) = 0x7000000000000001
;; run: xor(-1, 1) = -2
;; run: wide_constant(1) = 0x123456789abcdef1
;; run: small_constant(1) = -99
;; run: extend8(0x80) = -128
;; run: extend16(0x18000) = -32768
;; run: extend32(0x180000000) = -2147483648
;; run: eqz(0) = 1
;; run: eqz(0x100000000) = 0
(module
  (func (export "add") (param i64 i64) (result i64) (i64.add (local.get 0) (local.get 1)))
  (func (export "sub") (param i64 i64) (result i64) (i64.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param i64 i64) (result i64) (i64.mul (local.get 0) (local.get 1)))
  (func (export "and") (param i64 i64) (result i64) (i64.and (local.get 0) (local.get 1)))
  (func (export "or") (param i64 i64) (result i64) (i64.or (local.get 0) (local.get 1)))
  (func (export "xor") (param i64 i64) (result i64) (i64.xor (local.get 0) (local.get 1)))
  (func (export "wide_constant") (param i64) (result i64)
    (i64.add (local.get 0) (i64.const 0x123456789abcdef0)))
  (func (export "small_constant") (param i64) (result i64)
    (i64.sub (local.get 0) (i64.const 100)))
  (func (export "extend8") (param i64) (result i64) (i64.extend8_s (local.get 0)))
  (func (export "extend16") (param i64) (result i64) (i64.extend16_s (local.get 0)))
  (func (export "extend32") (param i64) (result i64) (i64.extend32_s (local.get 0)))
  (func (export "eqz") (param i64) (result i32) (i64.eqz (local.get 0))))

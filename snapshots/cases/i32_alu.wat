;; Every i32 operation of one or two operands, in register and immediate form.
;; aarch64: contains mul, no call
;; riscv64: contains mulw, no call
;; x64: no call, no spill, <= 4 mov rax
;; run: add(2147483647, 1) = -2147483648
;; run: sub(0, 1) = -1
;; run: mul(65537, 65537) = 131073
;; run: and(0xff00ff, 0x0ff0) = 0xf0
;; run: or(0xf0, 0x0f) = 0xff
;; run: xor(-1, 0xffff) = 0xffff0000
;; run: immediates(10) = -56
;; run: extend8(0x80) = -128
;; run: extend16(0x18000) = -32768
;; run: eqz(0) = 1
;; run: eqz(256) = 0
(module
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func (export "mul") (param i32 i32) (result i32) (i32.mul (local.get 0) (local.get 1)))
  (func (export "and") (param i32 i32) (result i32) (i32.and (local.get 0) (local.get 1)))
  (func (export "or") (param i32 i32) (result i32) (i32.or (local.get 0) (local.get 1)))
  (func (export "xor") (param i32 i32) (result i32) (i32.xor (local.get 0) (local.get 1)))
  (func (export "immediates") (param i32) (result i32)
    local.get 0
    i32.const 12
    i32.add          ;; 22
    i32.const 100
    i32.sub          ;; -78
    i32.const 3
    i32.mul          ;; -234
    i32.const -16
    i32.and          ;; -240
    i32.const 7
    i32.or           ;; -233
    i32.const 223
    i32.xor)         ;; -233 ^ 223
  (func (export "extend8") (param i32) (result i32) (i32.extend8_s (local.get 0)))
  (func (export "extend16") (param i32) (result i32) (i32.extend16_s (local.get 0)))
  (func (export "eqz") (param i32) (result i32) (i32.eqz (local.get 0))))

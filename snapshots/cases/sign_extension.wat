;; Sign extension as instructions, as pairs of shifts, of what was loaded (which extends by itself),
;; and where the upper bits are not looked at.
;; all loaded: <= 9 insns
;; run: instructions(0x80) = -128
;; run: instructions(0x7f) = 127
;; run: instructions16(0x18000) = -32768
;; run: wide8(0xff) = -1
;; run: wide16(0x8000) = -32768
;; run: wide32(0x180000000) = -2147483648
;; run: shifts(0x1ff) = -1
;; run: loaded(0) = -1
;; run: loaded_wide(4) = -2
;; run: only_low(0x1234) = 0x34
;; run: from_i32(-3) = -3
;; run: unsigned(-3) = 4294967293
(module
  (memory 1)
  (data (i32.const 0) "\ff\00\00\00\fe\ff\ff\ff")
  (func (export "instructions") (param i32) (result i32) (i32.extend8_s (local.get 0)))
  (func (export "instructions16") (param i32) (result i32) (i32.extend16_s (local.get 0)))
  (func (export "wide8") (param i64) (result i64) (i64.extend8_s (local.get 0)))
  (func (export "wide16") (param i64) (result i64) (i64.extend16_s (local.get 0)))
  (func (export "wide32") (param i64) (result i64) (i64.extend32_s (local.get 0)))
  (func (export "shifts") (param i32) (result i32)
    (i32.shr_s (i32.shl (local.get 0) (i32.const 24)) (i32.const 24)))
  (func (export "loaded") (param i32) (result i32)
    (i32.extend8_s (i32.load8_u (local.get 0))))
  (func (export "loaded_wide") (param i32) (result i64)
    (i64.extend32_s (i64.load32_u (local.get 0))))
  (func (export "only_low") (param i32) (result i32)
    (i32.and (i32.extend8_s (local.get 0)) (i32.const 0xff)))
  (func (export "from_i32") (param i32) (result i64) (i64.extend_i32_s (local.get 0)))
  (func (export "unsigned") (param i32) (result i64) (i64.extend_i32_u (local.get 0))))

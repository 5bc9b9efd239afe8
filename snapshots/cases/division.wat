;; Division and remainder by a variable: the checks that trap, and the remainder that must not.
;; run: div_s32(-7, 2) = -3
;; run: div_s32(7, 0) traps integer-divide-by-zero
;; run: div_s32(-2147483648, -1) traps integer-overflow
;; run: div_u32(-1, 2) = 0x7fffffff
;; run: div_u32(1, 0) traps integer-divide-by-zero
;; run: rem_s32(-7, 2) = -1
;; run: rem_s32(-2147483648, -1) = 0
;; run: rem_s32(1, 0) traps integer-divide-by-zero
;; run: rem_u32(-1, 10) = 5
;; run: rem_u32(1, 0) traps integer-divide-by-zero
;; run: div_s64(-7, 2) = -3
;; run: div_s64(7, 0) traps integer-divide-by-zero
;; run: div_s64(-9223372036854775808, -1) traps integer-overflow
;; run: div_u64(-1, 2) = 0x7fffffffffffffff
;; run: div_u64(1, 0) traps integer-divide-by-zero
;; run: rem_s64(-7, 2) = -1
;; run: rem_s64(-9223372036854775808, -1) = 0
;; run: rem_s64(1, 0) traps integer-divide-by-zero
;; run: rem_u64(-1, 10) = 5
;; run: rem_u64(1, 0) traps integer-divide-by-zero
;; run: both(17, 5) = 3, 2
(module
  (func (export "div_s32") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "div_u32") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func (export "rem_s32") (param i32 i32) (result i32) (i32.rem_s (local.get 0) (local.get 1)))
  (func (export "rem_u32") (param i32 i32) (result i32) (i32.rem_u (local.get 0) (local.get 1)))
  (func (export "div_s64") (param i64 i64) (result i64) (i64.div_s (local.get 0) (local.get 1)))
  (func (export "div_u64") (param i64 i64) (result i64) (i64.div_u (local.get 0) (local.get 1)))
  (func (export "rem_s64") (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
  (func (export "rem_u64") (param i64 i64) (result i64) (i64.rem_u (local.get 0) (local.get 1)))
  (func (export "both") (param i32 i32) (result i32 i32)
    (i32.div_u (local.get 0) (local.get 1))
    (i32.rem_u (local.get 0) (local.get 1))))

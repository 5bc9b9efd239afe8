;; Calls of imported functions, which go through a wasm-to-array trampoline to the host; a host
;; function returns the sum of its arguments, and as many results as it has.
;; show: trampolines
;; run: nothing()
;; run: one(5) = 5
;; run: wide(0x100000000) = 0x100000001
;; run: mixed(1, 2, 3.5, 4.5) = 11
;; run: many() = 78
;; run: two_results(20, 22) = 84
;; run: across(3) = 9
;; run: re_exported(1, 2) = 3
(module
  (import "host" "nothing" (func $nothing))
  (import "host" "one" (func $one (param i32) (result i32)))
  (import "host" "wide" (func $wide (param i64 i32) (result i64)))
  (import "host" "mixed" (func $mixed (param i32 i64 f32 f64) (result f64)))
  (import "host" "many"
    (func $many (param i32 i32 i32 i32 i32 i32 f64 f64 f64 i64 i64 f32) (result f32)))
  (import "host" "two" (func $two (param i32 i32) (result i32 i64)))
  (func (export "re_exported") (import "host" "add") (param i32 i32) (result i32))
  (func (export "nothing") (call $nothing))
  (func (export "one") (param i32) (result i32) (call $one (local.get 0)))
  (func (export "wide") (param i64) (result i64) (call $wide (local.get 0) (i32.const 1)))
  (func (export "mixed") (param i32 i64 f32 f64) (result f64)
    (call $mixed (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func (export "many") (result f32)
    (call $many
      (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4) (i32.const 5) (i32.const 6)
      (f64.const 7) (f64.const 8) (f64.const 9) (i64.const 10) (i64.const 11) (f32.const 12)))
  (func (export "two_results") (param i32 i32) (result i64) (local i64)
    (call $two (local.get 0) (local.get 1))
    (local.set 2)
    i64.extend_i32_s
    local.get 2
    i64.add)
  (func (export "across") (param i32) (result i32)
    (i32.mul (call $one (local.get 0)) (local.get 0))))

;; Globals: mutable in the vmctx, immutable with a known value, and imported behind a pointer.
;; run: counter() = 1
;; run: counter() = 2
;; run: constant() = 30
;; run: imported() = 42
;; run: from_imported() = 42
;; run: swap_float(2.5) = 1.5
;; run: swap_float(0) = 2.5
;; run: wide(5) = 0x100000005
;; run: imported_mutable(8) = 50
;; run: imported_mutable(8) = 58
;; run: reference() = 1
(module
  (import "host" "constant" (global $imported i32))
  (import "host" "variable" (global $shared (mut i32)))
  (global $counter (mut i32) (i32.const 0))
  (global $ten i32 (i32.const 10))
  (global $copy i32 (global.get $imported))
  (global $float (mut f32) (f32.const 1.5))
  (global $wide (mut i64) (i64.const 0x100000000))
  (global $double (mut f64) (f64.const 0))
  (global $reference (mut funcref) (ref.null func))
  (func (export "counter") (result i32)
    (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
    (global.get $counter))
  (func (export "constant") (result i32) (i32.mul (global.get $ten) (i32.const 3)))
  (func (export "imported") (result i32) (global.get $imported))
  (func (export "from_imported") (result i32) (global.get $copy))
  (func (export "swap_float") (param f32) (result f32)
    (global.get $float)
    (global.set $float (local.get 0))
    (global.set $double (f64.promote_f32 (local.get 0))))
  (func (export "wide") (param i64) (result i64)
    (global.set $wide (i64.add (global.get $wide) (local.get 0)))
    (global.get $wide))
  (func (export "imported_mutable") (param i32) (result i32)
    (global.set $shared (i32.add (global.get $shared) (local.get 0)))
    (global.get $shared))
  (func (export "reference") (result i32) (ref.is_null (global.get $reference))))

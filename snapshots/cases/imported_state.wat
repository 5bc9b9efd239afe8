;; A memory, a table and globals that are imported: they are reached through the vmctx like a module's
;; own, and calls through an imported table check like any other.
;; run: store(12, 5)
;; run: load(12) = 5
;; run: load(65536) traps memory-out-of-bounds
;; run: set(0)
;; run: call(0) = 9
;; run: call(1) traps uninitialized-element
;; run: call(2) traps undefined-element
;; run: size() = 2
;; run: add_globals() = 84
;; run: change(8) = 50
;; run: change(8) = 58
;; run: wide() = 42
;; run: float() = 42
(module
  (import "host" "memory" (memory 1))
  (import "host" "table" (table 2 funcref))
  (import "host" "i32" (global $i i32))
  (import "host" "mutable" (global $m (mut i32)))
  (import "host" "i64" (global $l i64))
  (import "host" "f64" (global $d (mut f64)))
  (type $get (func (result i32)))
  (elem declare func $nine)
  (func $nine (result i32) (i32.const 9))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "set") (param i32) (table.set (local.get 0) (ref.func $nine)))
  (func (export "call") (param i32) (result i32) (call_indirect (type $get) (local.get 0)))
  (func (export "size") (result i32) (table.size))
  (func (export "add_globals") (result i32) (i32.add (global.get $i) (global.get $m)))
  (func (export "change") (param i32) (result i32)
    (global.set $m (i32.add (global.get $m) (local.get 0)))
    (global.get $m))
  (func (export "wide") (result i64) (global.get $l))
  (func (export "float") (result f64) (global.get $d)))

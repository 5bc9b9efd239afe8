;; The start function runs at instantiation: it escapes, so it has an array-to-wasm trampoline.
;; show: trampolines
;; run: started() = 11
;; run: table_entry() = 7
(module
  (memory 1)
  (table 1 funcref)
  (elem (i32.const 0) $seven)
  (data (i32.const 0) "\0a")
  (global $started (mut i32) (i32.const 0))
  (func $start
    (global.set $started (i32.add (i32.load8_u (i32.const 0)) (i32.const 1))))
  (func $seven (result i32) (i32.const 7))
  (start $start)
  (func (export "started") (result i32) (global.get $started))
  (func (export "table_entry") (result i32) (call_indirect (result i32) (i32.const 0))))

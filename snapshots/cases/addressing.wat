;; Addresses: offsets small, large and beyond 2^31, scaled indices, constants; and operations on
;; memory that read, modify and write one place.
;; run: small_offset(0) = 0x44434241
;; run: scaled(1) = 0x48474645
;; run: scaled_offset(0) = 0x48474645
;; run: constant_address() = 0x44434241
;; run: large_offset(0) traps memory-out-of-bounds
;; run: offset_overflow(-1) traps memory-out-of-bounds
;; run: wrapped_index(-4) = 0x44434241
;; run: increment(100) = 1
;; run: increment(100) = 2
;; run: modify(100, 5) = 0x1fffffd
;; run: load_operand(100, 3) = 0x2000000
;; run: compare_with_memory(64, 0x44434241) = 1
;; run: copy_loop(64, 200, 8) = 0x48474645
(module
  (memory 1)
  (data (i32.const 64) "ABCDEFGH")
  (func (export "small_offset") (param i32) (result i32) (i32.load offset=64 (local.get 0)))
  (func (export "scaled") (param i32) (result i32)
    (i32.load offset=64 (i32.shl (local.get 0) (i32.const 2))))
  (func (export "scaled_offset") (param i32) (result i32)
    (i32.load offset=60 (i32.add (i32.shl (local.get 0) (i32.const 3)) (i32.const 8))))
  (func (export "constant_address") (result i32) (i32.load (i32.const 64)))
  (func (export "large_offset") (param i32) (result i32)
    (i32.load offset=0x7fff0000 (local.get 0)))
  (func (export "offset_overflow") (param i32) (result i32)
    (i32.load offset=0xfffffff0 (local.get 0)))
  ;; The addition wraps at 32 bits, so it is not a part of the address.
  (func (export "wrapped_index") (param i32) (result i32)
    (i32.load (i32.add (local.get 0) (i32.const 68))))
  (func (export "increment") (param i32) (result i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 1)))
    (i32.load (local.get 0)))
  (func (export "modify") (param i32 i32) (result i32)
    (i32.store (local.get 0) (i32.sub (i32.load (local.get 0)) (local.get 1)))
    (i32.store (local.get 0) (i32.and (i32.load (local.get 0)) (i32.const 0x1ffffff)))
    (i32.store (local.get 0) (i32.or (i32.load (local.get 0)) (i32.const 1)))
    (i32.load (local.get 0)))
  (func (export "load_operand") (param i32 i32) (result i32)
    (i32.add (local.get 1) (i32.load (local.get 0))))
  (func (export "compare_with_memory") (param i32 i32) (result i32)
    (i32.eq (i32.load (local.get 0)) (local.get 1)))
  (func (export "copy_loop") (param $from i32) (param $to i32) (param $count i32) (result i32)
    (local $i i32)
    (loop $next
      (i32.store8
        (i32.add (local.get $to) (local.get $i))
        (i32.load8_u (i32.add (local.get $from) (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $count))))
    (i32.load offset=4 (local.get $to))))

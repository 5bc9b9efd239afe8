;; Loads and stores of every width, with sign and zero extension.
;; aarch64: no cmp, no frame
;; x64: no cmp, no test, no frame
;; run: i32_store(8, 0x89abcdef)
;; run: i32_load(8) = 0x89abcdef
;; run: i32_load8_s(8) = -17
;; run: i32_load8_u(8) = 0xef
;; run: i32_load16_s(8) = -12817
;; run: i32_load16_u(8) = 0xcdef
;; run: i64_store(16, 0x89abcdef01234567)
;; run: i64_load(16) = 0x89abcdef01234567
;; run: i64_load8_s(23) = -119
;; run: i64_load8_u(23) = 0x89
;; run: i64_load16_s(22) = -30293
;; run: i64_load16_u(22) = 0x89ab
;; run: i64_load32_s(20) = -1985229329
;; run: i64_load32_u(20) = 0x89abcdef
;; run: f32_store(24, 1.5)
;; run: f32_load(24) = 1.5
;; run: f64_store(32, -2.5)
;; run: f64_load(32) = -2.5
;; run: i32_store8(8, 0x1ff)
;; run: i32_load(8) = 0x89abcdff
;; run: i32_store16(10, 0x12345)
;; run: i32_load(8) = 0x2345cdff
;; run: i64_store8(16, 0x101)
;; run: i64_store16(18, 0x10002)
;; run: i64_store32(20, 0x100000003)
;; run: i64_load(16) = 0x300024501
;; run: i32_load(65532) = 0
;; run: i32_load(65533) traps memory-out-of-bounds
;; run: i64_load(65529) traps memory-out-of-bounds
;; run: i32_store8(65536, 1) traps memory-out-of-bounds
;; run: i32_load(-1) traps memory-out-of-bounds
;; run: f64_load(65530) traps memory-out-of-bounds
;; run: unused_load(65536) traps memory-out-of-bounds
(module
  (memory 1)
  (func (export "i32_load") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "i32_load8_s") (param i32) (result i32) (i32.load8_s (local.get 0)))
  (func (export "i32_load8_u") (param i32) (result i32) (i32.load8_u (local.get 0)))
  (func (export "i32_load16_s") (param i32) (result i32) (i32.load16_s (local.get 0)))
  (func (export "i32_load16_u") (param i32) (result i32) (i32.load16_u (local.get 0)))
  (func (export "i64_load") (param i32) (result i64) (i64.load (local.get 0)))
  (func (export "i64_load8_s") (param i32) (result i64) (i64.load8_s (local.get 0)))
  (func (export "i64_load8_u") (param i32) (result i64) (i64.load8_u (local.get 0)))
  (func (export "i64_load16_s") (param i32) (result i64) (i64.load16_s (local.get 0)))
  (func (export "i64_load16_u") (param i32) (result i64) (i64.load16_u (local.get 0)))
  (func (export "i64_load32_s") (param i32) (result i64) (i64.load32_s (local.get 0)))
  (func (export "i64_load32_u") (param i32) (result i64) (i64.load32_u (local.get 0)))
  (func (export "f32_load") (param i32) (result f32) (f32.load (local.get 0)))
  (func (export "f64_load") (param i32) (result f64) (f64.load (local.get 0)))
  (func (export "i32_store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "i32_store8") (param i32 i32) (i32.store8 (local.get 0) (local.get 1)))
  (func (export "i32_store16") (param i32 i32) (i32.store16 (local.get 0) (local.get 1)))
  (func (export "i64_store") (param i32 i64) (i64.store (local.get 0) (local.get 1)))
  (func (export "i64_store8") (param i32 i64) (i64.store8 (local.get 0) (local.get 1)))
  (func (export "i64_store16") (param i32 i64) (i64.store16 (local.get 0) (local.get 1)))
  (func (export "i64_store32") (param i32 i64) (i64.store32 (local.get 0) (local.get 1)))
  (func (export "f32_store") (param i32 f32) (f32.store (local.get 0) (local.get 1)))
  (func (export "f64_store") (param i32 f64) (f64.store (local.get 0) (local.get 1)))
  ;; The value is not used, but the load may trap.
  (func (export "unused_load") (param i32) (drop (i32.load (local.get 0)))))

;; Counts of bits; zero is the input that hardware gets wrong.
;; x64: contains popcnt, contains lzcnt, contains tzcnt, no call
;; cpu-features: x64 -popcnt,-lzcnt,-bmi1
;; x64-popcnt-lzcnt-bmi1: no popcnt, no lzcnt, no tzcnt, contains bsr, contains bsf, no call
;; cpu-features: aarch64 +cssc
;; aarch64+cssc: 2 ctz, 2 cnt, 2 clz, no rbit, = 12 insns
;; cpu-features: riscv64 +zbb
;; riscv64+zbb: 1 clz, 1 clzw, 1 ctz, 1 ctzw, 1 cpop, 1 cpopw, no fcvt*, = 12 insns
;; run: clz32(0) = 32
;; run: clz32(1) = 31
;; run: ctz32(0) = 32
;; run: ctz32(0x80000000) = 31
;; run: popcnt32(-1) = 32
;; run: clz64(0) = 64
;; run: clz64(1) = 63
;; run: ctz64(0) = 64
;; run: ctz64(0x8000000000000000) = 63
;; run: popcnt64(0xf0f0f0f0f0f0f0f0) = 32
(module
  (func (export "clz32") (param i32) (result i32) (i32.clz (local.get 0)))
  (func (export "ctz32") (param i32) (result i32) (i32.ctz (local.get 0)))
  (func (export "popcnt32") (param i32) (result i32) (i32.popcnt (local.get 0)))
  (func (export "clz64") (param i64) (result i64) (i64.clz (local.get 0)))
  (func (export "ctz64") (param i64) (result i64) (i64.ctz (local.get 0)))
  (func (export "popcnt64") (param i64) (result i64) (i64.popcnt (local.get 0))))

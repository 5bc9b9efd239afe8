;; NaNs to the bit: sign operations keep the payload, arithmetic gives a quiet one, and minimum and
;; maximum take a NaN from either side.
;; run: negate(nan:0x200001) = -nan:0x200001
;; run: absolute(-nan:0x1) = nan:0x1
;; run: copy_sign(nan:0x123, -1) = -nan:0x123
;; run: reinterpret(-nan:0x8000000000001) = 0xfff8000000000001
;; run: from_bits(0x7ff0000000000001) = nan:0x1
;; run: add(nan:0x8000000000000, 1) = nan:canonical
;; run: add(1, -nan:0x8000000000007) = nan:arithmetic
;; run: add(inf, -inf) = nan:canonical
;; run: minimum(1, nan) = nan:canonical
;; run: minimum(nan:0x4000000000000, 1) = nan:arithmetic
;; run: minimum(-0, 0) = -0
;; run: maximum(-0, 0) = 0
;; run: maximum(nan, -inf) = nan:canonical
;; run: root(-1) = nan:canonical
;; run: root(-0) = -0
;; run: promote(nan) = nan:canonical
;; run: promote(nan:0x1) = nan:arithmetic
;; run: demote(nan:0x8000000000000) = nan:canonical
;; run: through_memory(nan:0x1) = nan:0x1
;; run: through_call(nan:0x2aaaa) = nan:0x2aaaa
;; run: both(nan:0x1) = nan:0x1, -nan:0x1
;; run: nearest(nan:0x4000000000001) = nan:arithmetic
(module
  (memory 1)
  (func (export "negate") (param f32) (result f32) (f32.neg (local.get 0)))
  (func (export "absolute") (param f32) (result f32) (f32.abs (local.get 0)))
  (func (export "copy_sign") (param f64 f64) (result f64)
    (f64.copysign (local.get 0) (local.get 1)))
  (func (export "reinterpret") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
  (func (export "from_bits") (param i64) (result f64) (f64.reinterpret_i64 (local.get 0)))
  (func (export "add") (param f64 f64) (result f64) (f64.add (local.get 0) (local.get 1)))
  (func (export "minimum") (param f64 f64) (result f64) (f64.min (local.get 0) (local.get 1)))
  (func (export "maximum") (param f64 f64) (result f64) (f64.max (local.get 0) (local.get 1)))
  (func (export "root") (param f32) (result f32) (f32.sqrt (local.get 0)))
  (func (export "promote") (param f32) (result f64) (f64.promote_f32 (local.get 0)))
  (func (export "demote") (param f64) (result f32) (f32.demote_f64 (local.get 0)))
  (func (export "nearest") (param f64) (result f64) (f64.nearest (local.get 0)))
  (func (export "through_memory") (param f32) (result f32)
    (f32.store (i32.const 0) (local.get 0))
    (f32.load (i32.const 0)))
  (func $same (param f32) (result f32) (local.get 0))
  (func (export "through_call") (param f32) (result f32) (call $same (local.get 0)))
  (func (export "both") (param f64) (result f64 f64) (local.get 0) (f64.neg (local.get 0))))

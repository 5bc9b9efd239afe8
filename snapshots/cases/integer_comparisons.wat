;; Every integer comparison as a value: the ten results of a type are packed into one number.
;; The bits are, from the lowest: eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u.
;; run: compare32(1, 1) = 961
;; run: compare32(1, 2) = 206
;; run: compare32(-1, 1) = 614
;; run: compare32(1, -1) = 410
;; run: with_constant32(99) = 1
;; run: with_constant32(100) = 0
;; run: compare64(1, 1) = 961
;; run: compare64(1, 2) = 206
;; run: compare64(-1, 1) = 614
;; run: compare64(1, -1) = 410
;; run: with_constant64(99) = 1
;; run: with_constant64(100) = 0
(module
  (func (export "compare32") (param i32 i32) (result i32)
    (i32.eq (local.get 0) (local.get 1))
    (i32.ne (local.get 0) (local.get 1))
    i32.const 1
    i32.shl
    i32.or
    (i32.lt_s (local.get 0) (local.get 1))
    i32.const 2
    i32.shl
    i32.or
    (i32.lt_u (local.get 0) (local.get 1))
    i32.const 3
    i32.shl
    i32.or
    (i32.gt_s (local.get 0) (local.get 1))
    i32.const 4
    i32.shl
    i32.or
    (i32.gt_u (local.get 0) (local.get 1))
    i32.const 5
    i32.shl
    i32.or
    (i32.le_s (local.get 0) (local.get 1))
    i32.const 6
    i32.shl
    i32.or
    (i32.le_u (local.get 0) (local.get 1))
    i32.const 7
    i32.shl
    i32.or
    (i32.ge_s (local.get 0) (local.get 1))
    i32.const 8
    i32.shl
    i32.or
    (i32.ge_u (local.get 0) (local.get 1))
    i32.const 9
    i32.shl
    i32.or
  )
  (func (export "with_constant32") (param i32) (result i32)
    (i32.lt_u (local.get 0) (i32.const 100)))
  (func (export "compare64") (param i64 i64) (result i32)
    (i64.eq (local.get 0) (local.get 1))
    (i64.ne (local.get 0) (local.get 1))
    i32.const 1
    i32.shl
    i32.or
    (i64.lt_s (local.get 0) (local.get 1))
    i32.const 2
    i32.shl
    i32.or
    (i64.lt_u (local.get 0) (local.get 1))
    i32.const 3
    i32.shl
    i32.or
    (i64.gt_s (local.get 0) (local.get 1))
    i32.const 4
    i32.shl
    i32.or
    (i64.gt_u (local.get 0) (local.get 1))
    i32.const 5
    i32.shl
    i32.or
    (i64.le_s (local.get 0) (local.get 1))
    i32.const 6
    i32.shl
    i32.or
    (i64.le_u (local.get 0) (local.get 1))
    i32.const 7
    i32.shl
    i32.or
    (i64.ge_s (local.get 0) (local.get 1))
    i32.const 8
    i32.shl
    i32.or
    (i64.ge_u (local.get 0) (local.get 1))
    i32.const 9
    i32.shl
    i32.or
  )
  (func (export "with_constant64") (param i64) (result i32)
    (i64.lt_u (local.get 0) (i64.const 100)))
)

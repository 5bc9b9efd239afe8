;; Loads of what is known: the same place twice, what was just stored, and what a call or a store to
;; another place may have changed.
;; all same_place: 1 trap
;; run: same_place(0) = 10
;; run: just_stored(8, 7) = 14
;; run: other_place(0, 4) = 10
;; run: other_place(0, 0) = 12
;; run: over_call(0) = 23
;; run: other_width(16) = 0x1234
;; run: in_branch(0, 1) = 18
;; run: in_branch(0, 0) = 6
;; run: float_through(24, 1.5) = 3
;; run: base_once(0) = 6
(module
  (memory 1)
  (data (i32.const 0) "\05")
  (func (export "same_place") (param i32) (result i32)
    (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))
  (func (export "just_stored") (param i32 i32) (result i32)
    (i32.store (local.get 0) (local.get 1))
    (i32.add (i32.load (local.get 0)) (i32.load (local.get 0))))
  ;; The two places may be one, or overlap.
  (func (export "other_place") (param i32 i32) (result i32) (local i32)
    (local.set 2 (i32.load (local.get 0)))
    (i32.store (local.get 1) (i32.add (local.get 2) (i32.const 2)))
    (i32.add (local.get 2) (i32.load (local.get 0))))
  (func $change (param i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (i32.const 9))))
  (func (export "over_call") (param i32) (result i32)
    (i32.load (local.get 0))
    (call $change (local.get 0))
    (i32.add (i32.load (local.get 0))))
  (func (export "other_width") (param i32) (result i32)
    (i32.store (local.get 0) (i32.const 0x55551234))
    (i32.load16_u (local.get 0)))
  (func (export "in_branch") (param i32 i32) (result i32) (local i32)
    (i32.store (local.get 0) (i32.const 6))
    (local.set 2 (i32.load (local.get 0)))
    (if (local.get 1)
      (then
        (i32.store (local.get 0) (i32.const 12))
        (local.set 2 (i32.add (local.get 2) (i32.load (local.get 0))))))
    (local.get 2))
  (func (export "float_through") (param i32 f32) (result f32)
    (f32.store (local.get 0) (local.get 1))
    (f32.add (f32.load (local.get 0)) (f32.load (local.get 0))))
  (func (export "base_once") (param i32) (result i32)
    (i32.store offset=32 (local.get 0) (i32.const 1))
    (i32.store offset=36 (local.get 0) (i32.const 2))
    (i32.store offset=40 (local.get 0) (i32.const 3))
    (i32.add (i32.load offset=32 (local.get 0))
      (i32.add (i32.load offset=36 (local.get 0)) (i32.load offset=40 (local.get 0))))))

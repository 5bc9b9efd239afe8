;; br_table: a few cases (compares), many (a jump table), repeated targets, values, and loops.
;; x64 many: 1 jmp, 1 jae
;; run: three(0) = 10
;; run: three(1) = 20
;; run: three(2) = 30
;; run: three(-1) = 30
;; run: many(0) = 100
;; run: many(7) = 107
;; run: many(15) = 115
;; run: many(16) = -1
;; run: many(-1) = -1
;; run: offset_index(1000) = 1
;; run: offset_index(1001) = 0
;; run: offset_index(999) = 0
;; run: value(0, 5) = 6
;; run: value(1, 5) = 5
;; run: only_default(3) = 9
;; run: machine(3) = 321
(module
  (func (export "three") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
        (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30))
  (func (export "many") (param i32) (result i32)
    (block $default
    (block $l15
    (block $l14
    (block $l13
    (block $l12
    (block $l11
    (block $l10
    (block $l9
    (block $l8
    (block $l7
    (block $l6
    (block $l5
    (block $l4
    (block $l3
    (block $l2
    (block $l1
    (block $l0
      (br_table $l0 $l1 $l2 $l3 $l4 $l5 $l6 $l7 $l8 $l9 $l10 $l11 $l12 $l13 $l14 $l15 $default (local.get 0)))
      (return (i32.const 100)))
      (return (i32.const 101)))
      (return (i32.const 102)))
      (return (i32.const 103)))
      (return (i32.const 104)))
      (return (i32.const 105)))
      (return (i32.const 106)))
      (return (i32.const 107)))
      (return (i32.const 108)))
      (return (i32.const 109)))
      (return (i32.const 110)))
      (return (i32.const 111)))
      (return (i32.const 112)))
      (return (i32.const 113)))
      (return (i32.const 114)))
      (return (i32.const 115)))
    (i32.const -1))
  (func (export "offset_index") (param i32) (result i32)
    (block $no
      (block $yes
        (br_table $yes $no (i32.sub (local.get 0) (i32.const 1000))))
      (return (i32.const 1)))
    (i32.const 0))
  (func (export "value") (param i32 i32) (result i32)
    (block $plain (result i32)
      (block $increment (result i32)
        (br_table $increment $plain (local.get 1) (local.get 0)))
      (i32.add (i32.const 1))))
  (func (export "only_default") (param i32) (result i32)
    (block $out (br_table $out (local.get 0)))
    (i32.const 9))
  ;; A state machine: the table branches back to the loop.
  (func (export "machine") (param $state i32) (result i32) (local $trace i32)
    (loop $next
      (block $one (block $two (block $three (block $stop
              (br_table $stop $one $two $three $stop (local.get $state)))
            (return (local.get $trace)))
          (local.set $trace (i32.add (i32.mul (local.get $trace) (i32.const 10)) (i32.const 3)))
          (local.set $state (i32.const 2))
          (br $next))
        (local.set $trace (i32.add (i32.mul (local.get $trace) (i32.const 10)) (i32.const 2)))
        (local.set $state (i32.const 1))
        (br $next))
      (local.set $trace (i32.add (i32.mul (local.get $trace) (i32.const 10)) (i32.const 1)))
      (local.set $state (i32.const 0))
      (br $next))
    (unreachable)))

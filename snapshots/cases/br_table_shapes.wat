;; br_table by shape: one target, two, dense, mostly default, a range far from zero, and one whose
;; targets are all the same.
;; all one: no traps
;; run: one(0) = 1
;; run: one(1) = 2
;; run: one(-1) = 2
;; run: two(0) = 1
;; run: two(1) = 2
;; run: two(2) = 3
;; run: dense(0) = 10
;; run: dense(4) = 14
;; run: dense(7) = 17
;; run: dense(8) = 99
;; run: dense(0x80000000) = 99
;; run: sparse(0) = 1
;; run: sparse(15) = 2
;; run: sparse(7) = 0
;; run: sparse(16) = 0
;; run: far(1000000) = 1
;; run: far(1000003) = 4
;; run: far(0) = 0
;; run: same(3) = 7
;; run: masked(13) = 2
(module
  (func (export "one") (param i32) (result i32)
    (block $b (block $a (br_table $a $b (local.get 0)))
      (return (i32.const 1)))
    (i32.const 2))
  (func (export "two") (param i32) (result i32)
    (block $c (block $b (block $a (br_table $a $b $c (local.get 0)))
        (return (i32.const 1)))
      (return (i32.const 2)))
    (i32.const 3))
  (func (export "dense") (param i32) (result i32) (local $r i32)
    (block $default (block $7 (block $6 (block $5 (block $4 (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $4 $5 $6 $7 $default (local.get 0)))
      (return (i32.const 10))) (return (i32.const 11))) (return (i32.const 12)))
      (return (i32.const 13))) (return (i32.const 14))) (return (i32.const 15)))
      (return (i32.const 16))) (return (i32.const 17)))
    (i32.const 99))
  ;; Two of sixteen entries are not the default.
  (func (export "sparse") (param i32) (result i32)
    (block $default (block $last (block $first
      (br_table $first $default $default $default $default $default $default $default
        $default $default $default $default $default $default $default $last $default
        (local.get 0)))
      (return (i32.const 1))) (return (i32.const 2)))
    (i32.const 0))
  (func (export "far") (param i32) (result i32)
    (block $default (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 $default (i32.sub (local.get 0) (i32.const 1000000))))
      (return (i32.const 1))) (return (i32.const 2))) (return (i32.const 3)))
      (return (i32.const 4)))
    (i32.const 0))
  (func (export "same") (param i32) (result i32)
    (block $a (br_table $a $a $a $a $a (local.get 0)))
    (i32.const 7))
  ;; The mask says that the default is never taken.
  (func (export "masked") (param i32) (result i32)
    (block $3 (block $2 (block $1 (block $0
      (br_table $0 $1 $2 $3 (i32.and (local.get 0) (i32.const 3))))
      (return (i32.const 1))) (return (i32.const 2))) (return (i32.const 3)))
    (i32.const 4)))

;; More values alive at once than registers, of both classes: spills, reloads, and values that are
;; x64: contains mov
;; alive across a call.
;; run: integers(1) = 4900
;; run: floats(1) = 4900
;; run: across_call(1) = 4901
;; run: in_loop(3) = 972
(module
  (func $identity (param i32) (result i32) (local.get 0))
  (func (export "integers") (param $x i32) (result i32)
    (local $v0 i32) (local $v1 i32) (local $v2 i32) (local $v3 i32) (local $v4 i32) (local $v5 i32) (local $v6 i32) (local $v7 i32) (local $v8 i32) (local $v9 i32) (local $v10 i32) (local $v11 i32) (local $v12 i32) (local $v13 i32) (local $v14 i32) (local $v15 i32) (local $v16 i32) (local $v17 i32) (local $v18 i32) (local $v19 i32) (local $v20 i32) (local $v21 i32) (local $v22 i32) (local $v23 i32)
    (local.set $v0 (i32.add (local.get $x) (i32.const 0)))
    (local.set $v1 (i32.add (local.get $x) (i32.const 1)))
    (local.set $v2 (i32.add (local.get $x) (i32.const 2)))
    (local.set $v3 (i32.add (local.get $x) (i32.const 3)))
    (local.set $v4 (i32.add (local.get $x) (i32.const 4)))
    (local.set $v5 (i32.add (local.get $x) (i32.const 5)))
    (local.set $v6 (i32.add (local.get $x) (i32.const 6)))
    (local.set $v7 (i32.add (local.get $x) (i32.const 7)))
    (local.set $v8 (i32.add (local.get $x) (i32.const 8)))
    (local.set $v9 (i32.add (local.get $x) (i32.const 9)))
    (local.set $v10 (i32.add (local.get $x) (i32.const 10)))
    (local.set $v11 (i32.add (local.get $x) (i32.const 11)))
    (local.set $v12 (i32.add (local.get $x) (i32.const 12)))
    (local.set $v13 (i32.add (local.get $x) (i32.const 13)))
    (local.set $v14 (i32.add (local.get $x) (i32.const 14)))
    (local.set $v15 (i32.add (local.get $x) (i32.const 15)))
    (local.set $v16 (i32.add (local.get $x) (i32.const 16)))
    (local.set $v17 (i32.add (local.get $x) (i32.const 17)))
    (local.set $v18 (i32.add (local.get $x) (i32.const 18)))
    (local.set $v19 (i32.add (local.get $x) (i32.const 19)))
    (local.set $v20 (i32.add (local.get $x) (i32.const 20)))
    (local.set $v21 (i32.add (local.get $x) (i32.const 21)))
    (local.set $v22 (i32.add (local.get $x) (i32.const 22)))
    (local.set $v23 (i32.add (local.get $x) (i32.const 23)))
    (i32.const 0)
    (i32.mul (local.get $v23) (i32.const 24))
    i32.add
    (i32.mul (local.get $v22) (i32.const 23))
    i32.add
    (i32.mul (local.get $v21) (i32.const 22))
    i32.add
    (i32.mul (local.get $v20) (i32.const 21))
    i32.add
    (i32.mul (local.get $v19) (i32.const 20))
    i32.add
    (i32.mul (local.get $v18) (i32.const 19))
    i32.add
    (i32.mul (local.get $v17) (i32.const 18))
    i32.add
    (i32.mul (local.get $v16) (i32.const 17))
    i32.add
    (i32.mul (local.get $v15) (i32.const 16))
    i32.add
    (i32.mul (local.get $v14) (i32.const 15))
    i32.add
    (i32.mul (local.get $v13) (i32.const 14))
    i32.add
    (i32.mul (local.get $v12) (i32.const 13))
    i32.add
    (i32.mul (local.get $v11) (i32.const 12))
    i32.add
    (i32.mul (local.get $v10) (i32.const 11))
    i32.add
    (i32.mul (local.get $v9) (i32.const 10))
    i32.add
    (i32.mul (local.get $v8) (i32.const 9))
    i32.add
    (i32.mul (local.get $v7) (i32.const 8))
    i32.add
    (i32.mul (local.get $v6) (i32.const 7))
    i32.add
    (i32.mul (local.get $v5) (i32.const 6))
    i32.add
    (i32.mul (local.get $v4) (i32.const 5))
    i32.add
    (i32.mul (local.get $v3) (i32.const 4))
    i32.add
    (i32.mul (local.get $v2) (i32.const 3))
    i32.add
    (i32.mul (local.get $v1) (i32.const 2))
    i32.add
    (i32.mul (local.get $v0) (i32.const 1))
    i32.add
  )
  (func (export "floats") (param $x f64) (result f64)
    (local $v0 f64) (local $v1 f64) (local $v2 f64) (local $v3 f64) (local $v4 f64) (local $v5 f64) (local $v6 f64) (local $v7 f64) (local $v8 f64) (local $v9 f64) (local $v10 f64) (local $v11 f64) (local $v12 f64) (local $v13 f64) (local $v14 f64) (local $v15 f64) (local $v16 f64) (local $v17 f64) (local $v18 f64) (local $v19 f64) (local $v20 f64) (local $v21 f64) (local $v22 f64) (local $v23 f64)
    (local.set $v0 (f64.add (local.get $x) (f64.const 0)))
    (local.set $v1 (f64.add (local.get $x) (f64.const 1)))
    (local.set $v2 (f64.add (local.get $x) (f64.const 2)))
    (local.set $v3 (f64.add (local.get $x) (f64.const 3)))
    (local.set $v4 (f64.add (local.get $x) (f64.const 4)))
    (local.set $v5 (f64.add (local.get $x) (f64.const 5)))
    (local.set $v6 (f64.add (local.get $x) (f64.const 6)))
    (local.set $v7 (f64.add (local.get $x) (f64.const 7)))
    (local.set $v8 (f64.add (local.get $x) (f64.const 8)))
    (local.set $v9 (f64.add (local.get $x) (f64.const 9)))
    (local.set $v10 (f64.add (local.get $x) (f64.const 10)))
    (local.set $v11 (f64.add (local.get $x) (f64.const 11)))
    (local.set $v12 (f64.add (local.get $x) (f64.const 12)))
    (local.set $v13 (f64.add (local.get $x) (f64.const 13)))
    (local.set $v14 (f64.add (local.get $x) (f64.const 14)))
    (local.set $v15 (f64.add (local.get $x) (f64.const 15)))
    (local.set $v16 (f64.add (local.get $x) (f64.const 16)))
    (local.set $v17 (f64.add (local.get $x) (f64.const 17)))
    (local.set $v18 (f64.add (local.get $x) (f64.const 18)))
    (local.set $v19 (f64.add (local.get $x) (f64.const 19)))
    (local.set $v20 (f64.add (local.get $x) (f64.const 20)))
    (local.set $v21 (f64.add (local.get $x) (f64.const 21)))
    (local.set $v22 (f64.add (local.get $x) (f64.const 22)))
    (local.set $v23 (f64.add (local.get $x) (f64.const 23)))
    (f64.const 0)
    (f64.mul (local.get $v23) (f64.const 24))
    f64.add
    (f64.mul (local.get $v22) (f64.const 23))
    f64.add
    (f64.mul (local.get $v21) (f64.const 22))
    f64.add
    (f64.mul (local.get $v20) (f64.const 21))
    f64.add
    (f64.mul (local.get $v19) (f64.const 20))
    f64.add
    (f64.mul (local.get $v18) (f64.const 19))
    f64.add
    (f64.mul (local.get $v17) (f64.const 18))
    f64.add
    (f64.mul (local.get $v16) (f64.const 17))
    f64.add
    (f64.mul (local.get $v15) (f64.const 16))
    f64.add
    (f64.mul (local.get $v14) (f64.const 15))
    f64.add
    (f64.mul (local.get $v13) (f64.const 14))
    f64.add
    (f64.mul (local.get $v12) (f64.const 13))
    f64.add
    (f64.mul (local.get $v11) (f64.const 12))
    f64.add
    (f64.mul (local.get $v10) (f64.const 11))
    f64.add
    (f64.mul (local.get $v9) (f64.const 10))
    f64.add
    (f64.mul (local.get $v8) (f64.const 9))
    f64.add
    (f64.mul (local.get $v7) (f64.const 8))
    f64.add
    (f64.mul (local.get $v6) (f64.const 7))
    f64.add
    (f64.mul (local.get $v5) (f64.const 6))
    f64.add
    (f64.mul (local.get $v4) (f64.const 5))
    f64.add
    (f64.mul (local.get $v3) (f64.const 4))
    f64.add
    (f64.mul (local.get $v2) (f64.const 3))
    f64.add
    (f64.mul (local.get $v1) (f64.const 2))
    f64.add
    (f64.mul (local.get $v0) (f64.const 1))
    f64.add
  )
  (func (export "across_call") (param $x i32) (result i32)
    (local $v0 i32) (local $v1 i32) (local $v2 i32) (local $v3 i32) (local $v4 i32) (local $v5 i32) (local $v6 i32) (local $v7 i32) (local $v8 i32) (local $v9 i32) (local $v10 i32) (local $v11 i32) (local $v12 i32) (local $v13 i32) (local $v14 i32) (local $v15 i32) (local $v16 i32) (local $v17 i32) (local $v18 i32) (local $v19 i32) (local $v20 i32) (local $v21 i32) (local $v22 i32) (local $v23 i32)
    (local.set $v0 (i32.add (local.get $x) (i32.const 0)))
    (local.set $v1 (i32.add (local.get $x) (i32.const 1)))
    (local.set $v2 (i32.add (local.get $x) (i32.const 2)))
    (local.set $v3 (i32.add (local.get $x) (i32.const 3)))
    (local.set $v4 (i32.add (local.get $x) (i32.const 4)))
    (local.set $v5 (i32.add (local.get $x) (i32.const 5)))
    (local.set $v6 (i32.add (local.get $x) (i32.const 6)))
    (local.set $v7 (i32.add (local.get $x) (i32.const 7)))
    (local.set $v8 (i32.add (local.get $x) (i32.const 8)))
    (local.set $v9 (i32.add (local.get $x) (i32.const 9)))
    (local.set $v10 (i32.add (local.get $x) (i32.const 10)))
    (local.set $v11 (i32.add (local.get $x) (i32.const 11)))
    (local.set $v12 (i32.add (local.get $x) (i32.const 12)))
    (local.set $v13 (i32.add (local.get $x) (i32.const 13)))
    (local.set $v14 (i32.add (local.get $x) (i32.const 14)))
    (local.set $v15 (i32.add (local.get $x) (i32.const 15)))
    (local.set $v16 (i32.add (local.get $x) (i32.const 16)))
    (local.set $v17 (i32.add (local.get $x) (i32.const 17)))
    (local.set $v18 (i32.add (local.get $x) (i32.const 18)))
    (local.set $v19 (i32.add (local.get $x) (i32.const 19)))
    (local.set $v20 (i32.add (local.get $x) (i32.const 20)))
    (local.set $v21 (i32.add (local.get $x) (i32.const 21)))
    (local.set $v22 (i32.add (local.get $x) (i32.const 22)))
    (local.set $v23 (i32.add (local.get $x) (i32.const 23)))
    (call $identity (local.get $x))
    (i32.mul (local.get $v23) (i32.const 24))
    i32.add
    (i32.mul (local.get $v22) (i32.const 23))
    i32.add
    (i32.mul (local.get $v21) (i32.const 22))
    i32.add
    (i32.mul (local.get $v20) (i32.const 21))
    i32.add
    (i32.mul (local.get $v19) (i32.const 20))
    i32.add
    (i32.mul (local.get $v18) (i32.const 19))
    i32.add
    (i32.mul (local.get $v17) (i32.const 18))
    i32.add
    (i32.mul (local.get $v16) (i32.const 17))
    i32.add
    (i32.mul (local.get $v15) (i32.const 16))
    i32.add
    (i32.mul (local.get $v14) (i32.const 15))
    i32.add
    (i32.mul (local.get $v13) (i32.const 14))
    i32.add
    (i32.mul (local.get $v12) (i32.const 13))
    i32.add
    (i32.mul (local.get $v11) (i32.const 12))
    i32.add
    (i32.mul (local.get $v10) (i32.const 11))
    i32.add
    (i32.mul (local.get $v9) (i32.const 10))
    i32.add
    (i32.mul (local.get $v8) (i32.const 9))
    i32.add
    (i32.mul (local.get $v7) (i32.const 8))
    i32.add
    (i32.mul (local.get $v6) (i32.const 7))
    i32.add
    (i32.mul (local.get $v5) (i32.const 6))
    i32.add
    (i32.mul (local.get $v4) (i32.const 5))
    i32.add
    (i32.mul (local.get $v3) (i32.const 4))
    i32.add
    (i32.mul (local.get $v2) (i32.const 3))
    i32.add
    (i32.mul (local.get $v1) (i32.const 2))
    i32.add
    (i32.mul (local.get $v0) (i32.const 1))
    i32.add
  )
  (func (export "in_loop") (param $n i32) (result i32)
    (local $v0 i32) (local $v1 i32) (local $v2 i32) (local $v3 i32) (local $v4 i32) (local $v5 i32) (local $v6 i32) (local $v7 i32) (local $v8 i32) (local $v9 i32) (local $v10 i32) (local $v11 i32) (local $v12 i32) (local $v13 i32) (local $v14 i32) (local $v15 i32) (local $v16 i32) (local $v17 i32) (local $v18 i32) (local $v19 i32) (local $v20 i32) (local $v21 i32) (local $v22 i32) (local $v23 i32)
    (loop $next
      (local.set $v0 (i32.add (local.get $v0) (i32.add (local.get $n) (i32.const 0))))
      (local.set $v1 (i32.add (local.get $v1) (i32.add (local.get $n) (i32.const 1))))
      (local.set $v2 (i32.add (local.get $v2) (i32.add (local.get $n) (i32.const 2))))
      (local.set $v3 (i32.add (local.get $v3) (i32.add (local.get $n) (i32.const 3))))
      (local.set $v4 (i32.add (local.get $v4) (i32.add (local.get $n) (i32.const 4))))
      (local.set $v5 (i32.add (local.get $v5) (i32.add (local.get $n) (i32.const 5))))
      (local.set $v6 (i32.add (local.get $v6) (i32.add (local.get $n) (i32.const 6))))
      (local.set $v7 (i32.add (local.get $v7) (i32.add (local.get $n) (i32.const 7))))
      (local.set $v8 (i32.add (local.get $v8) (i32.add (local.get $n) (i32.const 8))))
      (local.set $v9 (i32.add (local.get $v9) (i32.add (local.get $n) (i32.const 9))))
      (local.set $v10 (i32.add (local.get $v10) (i32.add (local.get $n) (i32.const 10))))
      (local.set $v11 (i32.add (local.get $v11) (i32.add (local.get $n) (i32.const 11))))
      (local.set $v12 (i32.add (local.get $v12) (i32.add (local.get $n) (i32.const 12))))
      (local.set $v13 (i32.add (local.get $v13) (i32.add (local.get $n) (i32.const 13))))
      (local.set $v14 (i32.add (local.get $v14) (i32.add (local.get $n) (i32.const 14))))
      (local.set $v15 (i32.add (local.get $v15) (i32.add (local.get $n) (i32.const 15))))
      (local.set $v16 (i32.add (local.get $v16) (i32.add (local.get $n) (i32.const 16))))
      (local.set $v17 (i32.add (local.get $v17) (i32.add (local.get $n) (i32.const 17))))
      (local.set $v18 (i32.add (local.get $v18) (i32.add (local.get $n) (i32.const 18))))
      (local.set $v19 (i32.add (local.get $v19) (i32.add (local.get $n) (i32.const 19))))
      (local.set $v20 (i32.add (local.get $v20) (i32.add (local.get $n) (i32.const 20))))
      (local.set $v21 (i32.add (local.get $v21) (i32.add (local.get $n) (i32.const 21))))
      (local.set $v22 (i32.add (local.get $v22) (i32.add (local.get $n) (i32.const 22))))
      (local.set $v23 (i32.add (local.get $v23) (i32.add (local.get $n) (i32.const 23))))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (i32.const 0)
    (i32.add (local.get $v23))
    (i32.add (local.get $v22))
    (i32.add (local.get $v21))
    (i32.add (local.get $v20))
    (i32.add (local.get $v19))
    (i32.add (local.get $v18))
    (i32.add (local.get $v17))
    (i32.add (local.get $v16))
    (i32.add (local.get $v15))
    (i32.add (local.get $v14))
    (i32.add (local.get $v13))
    (i32.add (local.get $v12))
    (i32.add (local.get $v11))
    (i32.add (local.get $v10))
    (i32.add (local.get $v9))
    (i32.add (local.get $v8))
    (i32.add (local.get $v7))
    (i32.add (local.get $v6))
    (i32.add (local.get $v5))
    (i32.add (local.get $v4))
    (i32.add (local.get $v3))
    (i32.add (local.get $v2))
    (i32.add (local.get $v1))
    (i32.add (local.get $v0))
  )
)

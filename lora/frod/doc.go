package frod

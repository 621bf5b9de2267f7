package predict

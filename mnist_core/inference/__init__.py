"""Reading: the classifier, the detector of what is no digit, whole numbers, explanation, evaluation."""

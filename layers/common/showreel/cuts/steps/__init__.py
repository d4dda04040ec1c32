"""The steps of the state machine `DirectorCut`.

LoadCut → MakePieces (Map over the clips) → CompileCut → FinalizeCut
          MakePiece                          any failure → ReleaseCut
"""

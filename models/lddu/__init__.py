"""LDDU: emotions as Gaussians in a latent space, their spread as uncertainty, on SigLIP and Whisper features.

After Huang et al., "Latent Distribution Decouple for Uncertain-Aware Multimodal Multi-label Emotion Recognition"
(Findings of ACL 2025, arXiv 2502.13954), written anew from the paper; there are no released weights, so a head is
trained with `python -m models.lddu train`. From the bottom up:

    latent      a label's Gaussian, and how far it spreads
    head        the network: encoders, label attention, scores
    loss        what it is trained for
    folders, towers, vision, sound
                the frozen networks that features come from, and the folders that hold them
    memory, features
                a clip's features, each frame of a session looked at once
    data        features with labels; read by mosei (a pickle) and clips (a folder with labels.csv)
    train, metrics, evaluate, checkpoint
                a head fitted, measured, kept and loaded
    engine      clips in, results out
"""

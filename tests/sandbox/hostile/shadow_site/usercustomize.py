"""Would run before everything else."""


class Now:
    open("@CANARY@/gradcheck_hostile_user", "w").close()

// SPDX-License-Identifier: AGPL-3.0-or-later
int cmd_test(int argc, char **argv);
int cmd_test(int argc, char **argv)
{
    (void)argc, (void)argv;
    return 1;
}

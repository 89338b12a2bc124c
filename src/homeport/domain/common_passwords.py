"""Passwords that are guessed first: long enough to be taken otherwise, and on every list of what was found in the open.

They are kept in small letters; NIST SP 800-63B, 3.1.1.2, has such a list beside the length, and rules about characters not at all.
"""

from typing import Final

_WORDS: Final = """
password1234 password12345 password123456 passwordpassword password1password passw0rd1234 passw0rdpassw0rd
p@ssw0rd1234 p@ssword1234 p@ssw0rd12345 p@ssw0rdp@ssw0rd mypassword123 mypassword1234 thisispassword thisismypassword
password!234 password@1234 password2020! password2021! password2022! password2023! password2024! password2025! password2026!
administrator administrator1 administrator123 adminadmin12 adminadmin123 admin1234567 admin123456789 adminpassword
changemeplease changeme1234 changemechangeme letmeinletmein letmein12345 letmeinplease welcome12345 welcome123456
welcomewelcome welcome2homeport iloveyou1234 iloveyou12345 iloveyouforever iloveyousomuch iloveyouiloveyou
qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop[] qwertyuiop[]\\ qwertyuiopasdf qwertyuiopasdfghjkl
qwertyuiopasdfghjklzxcvbnm qwertyqwerty qwerty123456 qwerty1234567 qwerty12345678 qwerty123456789 qwerty1234567890
qwertyasdfgh qwertyasdfzxcv qwerasdfzxcv qweasdzxc123 qazwsxedcrfv qazwsxedcrfvtgb 1qaz2wsx3edc 1qaz2wsx3edc4rfv
1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1q2w3e4r5t6y7u8i9o0p q1w2e3r4t5y6 q1w2e3r4t5y6u7i8 zaq12wsxcde3 zxcvbnmasdfghjkl
asdfghjkl123 asdfghjkl;'\\ asdfghjklqwertyuiop asdfasdfasdf asdfjkl;asdf zxcvbnm12345 zxcvbnmzxcvbnm
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 12345678901234567890 0123456789012 012345678910
123456789101112 012345678901 0987654321098 098765432109 987654321012 9876543210123 123123123123 112233445566 121212121212
123456654321 1234567887654321 123321123321 147258369147 111222333444 123456123456 12345678912345 123456789987654321
1234567890qwerty 123456qwerty 123456qwertyuiop 123qweasdzxc 12qwaszxerdf 1234qwerasdf 1234qwerasdfzxcv 123456abcdef
abcdefghijkl abcdefghijklm abcdefghijklmnopqrstuvwxyz abcd12345678 abc123456789 abcdef123456 abcabcabcabc abc123abc123
a1b2c3d4e5f6 aa1234567890 a12345678910 a123456789012 aaaaaaaaaaaa 000000000000 111111111111 222222222222 333333333333
444444444444 555555555555 666666666666 777777777777 888888888888 999999999999 xxxxxxxxxxxx zzzzzzzzzzzz ............
iloveyou123456 football1234 baseball1234 basketball12 basketball123 superman1234 batman123456 monkey123456 dragon123456
princess1234 sunshine1234 computer1234 internet1234 trustno1trustno1 startrek1234 starwars1234 starwarsstarwars pokemon12345
michael12345 jennifer1234 christopher1 christopher123 manchesterunited liverpoolfc1 chelseachelsea realmadrid12 barcelona1234
correcthorsebatterystaple correct-horse-battery-staple correct.horse.battery.staple correct_horse_battery_staple
summer2024summer winter2024winter spring2024spring autumn2024autumn secretsecret secret123456 topsecret123 mysecretpassword
testtesttest test12345678 testpassword testing12345 temporary123 temppassword defaultpassword default12345 guestguestguest
nothing12345 whatever1234 blink182blink182 michaeljackson michaeljordan iamthebest123 godisgood123 jesuschrist1 hellohello12
rootrootroot rootpassword toortoortoor userpassword
"""
# A phrase that everybody knows is on the lists with its blanks, too.
COMMON_PASSWORDS: Final = frozenset(_WORDS.split()) | {"correct horse battery staple", "this is my password"}

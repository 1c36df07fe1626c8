// SPDX-License-Identifier: Apache-2.0
// Files of the REFER family as Python 2 pickled them: protocol 0 and 2, its own strings (one in Latin-1)
// beside Unicode ones, keys kept once.
#pragma once

#include <string_view>

namespace uls::test {

inline constexpr char kRefcoco0[] =
    "(lp1\n(dp2\nS'sent_ids'\np3\n(lp4\nI0\naI1\naI2\nasS'file_name'\np5\nS'COCO_train2014_0000000000"
    "03_0.jpg'\np6\nsS'ann_id'\np7\nI15\nsS'ref_id'\np8\nI0\nsS'image_id'\np9\nI3\nsS'split'\np10\nS'"
    "train'\np11\nsS'sentences'\np12\n(lp13\n(dp14\nS'tokens'\np15\n(lp16\nS'left'\np17\naS'caf\\xe9'"
    "\np18\nasS'raw'\np19\nS'left caf\\xe9'\np20\nsS'sent_id'\np21\nI0\nsS'sent'\np22\ng20\nsa(dp23\n"
    "g15\n(lp24\nVrechts\np25\naV\337\np26\naV\\u20ac\np27\nasg19\nVrechts \337 \\u20ac\np28\nsg21\nI"
    "1\nsg22\nVrechts \337 \\u20ac\np29\nsa(dp30\ng15\n(lp31\nsg19\nS' '\np32\nsg21\nI2\nsg22\ng32\ns"
    "asS'category_id'\np33\nI1\nsa(dp34\ng3\n(lp35\nI3\nasg5\nS'COCO_train2014_000000000001_1.jpg'\np"
    "36\nsg7\nI11\nsg8\nI1\nsg9\nI1\nsg10\nS'testA'\np37\nsg12\n(lp38\n(dp39\ng15\n(lp40\nS'man'\np41"
    "\naS'on'\np42\naS'the'\np43\nag17\nasg19\nS'man on the left'\np44\nsg21\nI3\nsg22\ng44\nsasg33\n"
    "I1\nsa(dp45\ng3\n(lp46\nI4\naI5\nasg5\nS'COCO_train2014_000000000001_2.jpg'\np47\nsg7\nI12\nsg8"
    "\nI2\nsg9\nI1\nsg10\nS'testAB'\np48\nsg12\n(lp49\n(dp50\ng15\n(lp51\nS'red'\np52\naS'ball'\np53"
    "\nasg19\nS'red ball'\np54\nsg21\nI4\nsg22\ng54\nsa(dp55\ng15\n(lp56\nS\"it's\"\np57\nag43\nag53"
    "\nasg19\nS\"it's the ball\"\np58\nsg21\nI5\nsg22\ng58\nsasg33\nI2\nsa(dp59\ng3\n(lp60\nI6\nasg5"
    "\nS'COCO_train2014_000000000002_3.jpg'\np61\nsg7\nI13\nsg8\nI3\nsg9\nI2\nsg10\nS'val'\np62\nsg12"
    "\n(lp63\n(dp64\ng15\n(lp65\nS'woman'\np66\nasg19\ng66\nsg21\nI6\nsg22\ng66\nsasg33\nI1\nsa(dp67"
    "\ng3\n(lp68\nI7\nasg5\nS'COCO_train2014_000000000002_4.jpg'\np69\nsg7\nI13\nsg8\nI4\nsg9\nI2\nsg"
    "10\ng62\nsg12\n(lp70\n(dp71\ng15\n(lp72\nS'her'\np73\nasg19\ng73\nsg21\nI7\nsg22\ng73\nsasg33\nI"
    "1\nsa.";

inline constexpr char kRefcoco2[] =
    "\200\002]q\001(}q\002(U\010sent_idsq\003]q\004(K\000K\001K\002eU\011file_nameq\005U!COCO_train20"
    "14_000000000003_0.jpgq\006U\006ann_idq\007K\017U\006ref_idq\010K\000U\010image_idq\011K\003U\005"
    "splitq\nU\005trainq\013U\011sentencesq\014]q\015(}q\016(U\006tokensq\017]q\020(U\004leftq\021U"
    "\004caf\351q\022eU\003rawq\023U\011left caf\351q\024U\007sent_idq\025K\000U\004sentq\026h\024u}q"
    "\027(h\017]q\030(X\006\000\000\000rechtsq\031X\002\000\000\000\303\237q\032X\003\000\000\000\342"
    "\202\254q\033eh\023X\015\000\000\000rechts \303\237 \342\202\254q\034h\025K\001h\026X\015\000"
    "\000\000rechts \303\237 \342\202\254q\035u}q\036(h\017]q\037h\023U\001 q h\025K\002h\026h ueU"
    "\013category_idq!K\001u}q\"(h\003]q#(K\003eh\005U!COCO_train2014_000000000001_1.jpgq$h\007K\013h"
    "\010K\001h\011K\001h\nU\005testAq%h\014]q&(}q'(h\017]q((U\003manq)U\002onq*U\003theq+h\021eh\023"
    "U\017man on the leftq,h\025K\003h\026h,ueh!K\001u}q-(h\003]q.(K\004K\005eh\005U!COCO_train2014_0"
    "00000000001_2.jpgq/h\007K\014h\010K\002h\011K\001h\nU\006testABq0h\014]q1(}q2(h\017]q3(U\003redq"
    "4U\004ballq5eh\023U\010red ballq6h\025K\004h\026h6u}q7(h\017]q8(U\004it'sq9h+h5eh\023U\015it's t"
    "he ballq:h\025K\005h\026h:ueh!K\002u}q;(h\003]q<(K\006eh\005U!COCO_train2014_000000000002_3.jpgq"
    "=h\007K\015h\010K\003h\011K\002h\nU\003valq>h\014]q?(}q@(h\017]qA(U\005womanqBeh\023hBh\025K\006"
    "h\026hBueh!K\001u}qC(h\003]qD(K\007eh\005U!COCO_train2014_000000000002_4.jpgqEh\007K\015h\010K"
    "\004h\011K\002h\nh>h\014]qF(}qG(h\017]qH(U\003herqIeh\023hIh\025K\007h\026hIueh!K\001ue.";

inline constexpr char kRefcocoPlus2[] =
    "\200\002]q\001(}q\002(U\010sent_idsq\003]q\004(K\000eU\011file_nameq\005U!COCO_train2014_0000000"
    "00003_0.jpgq\006U\006ann_idq\007K\017U\006ref_idq\010K\000U\010image_idq\011K\003U\005splitq\nU"
    "\005trainq\013U\011sentencesq\014]q\015(}q\016(U\006tokensq\017]q\020(U\004tallq\021U\003manq"
    "\022eU\003rawq\023U\010tall manq\024U\007sent_idq\025K\000U\004sentq\026h\024ueU\013category_idq"
    "\027K\001u}q\030(h\003]q\031(K\001eh\005U!COCO_train2014_000000000002_1.jpgq\032h\007K\015h\010K"
    "\001h\011K\002h\nh\013h\014]q\033(}q\034(h\017]q\035(U\005smallq\036U\005womanq\037eh\023U\013sm"
    "all womanq h\025K\001h\026h ueh\027K\001ue.";

inline constexpr char kRefcocog0[] =
    "(lp1\n(dp2\nS'sent_ids'\np3\n(lp4\nI0\nasS'file_name'\np5\nS'COCO_train2014_000000000001_0.jpg'"
    "\np6\nsS'ann_id'\np7\nI11\nsS'ref_id'\np8\nI0\nsS'image_id'\np9\nI1\nsS'split'\np10\nS'train'\np"
    "11\nsS'sentences'\np12\n(lp13\n(dp14\nS'tokens'\np15\n(lp16\nVa\np17\naVman\np18\nasS'raw'\np19"
    "\nVa man\np20\nsS'sent_id'\np21\nI0\nsS'sent'\np22\nVa man\np23\nsasS'category_id'\np24\nI1\nsa("
    "dp25\ng3\n(lp26\nI1\nasg5\nS'COCO_train2014_000000000001_70000.jpg'\np27\nsg7\nI12\nsg8\nI70000"
    "\nsg9\nI1\nsg10\nS'test'\np28\nsg12\n(lp29\n(dp30\ng15\n(lp31\nS'a'\np32\naS'ball'\np33\naS'that"
    "'\np34\naS'is'\np35\naS'red'\np36\nasg19\nS'a ball that is red'\np37\nsg21\nI1\nsg22\ng37\nsasg2"
    "4\nI2\nsa.";

/// The bytes of a literal, zeros among them.
template <std::size_t N>
std::string_view bytes_of(const char (&literal)[N]) {
  return {literal, N - 1};
}

}  // namespace uls::test
